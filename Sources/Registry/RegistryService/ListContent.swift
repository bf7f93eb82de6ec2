// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import MetadataStore
package import OCISpec

/// Listing repositories, tags and referrers.
package struct ListContent: Sendable {
    private let stores: RegistryStores

    /// Works on these stores.
    package init(_ stores: RegistryStores) { self.stores = stores }

    /// A part of a sorted list.
    package struct Page<Element: Sendable>: Sendable {
        package var elements: [Element]
        /// Whether the list goes on.
        package var hasMore: Bool

        init(_ elements: [Element], limit: Int) {
            // One more than the page was asked for; a page of none never goes on.
            hasMore = limit > 0 && elements.count > limit
            self.elements = Array(elements.prefix(limit))
        }
    }

    /// Tags in byte order.
    ///
    /// - Throws: `repositoryUnknown`.
    package func tags(in repository: RepositoryName, _ page: PageRequest) async throws -> Page<TagName> {
        try await stores.metadata.read { transaction in
            guard let row = try transaction.repository(named: repository) else {
                throw RegistryProblem.unknown(repository)
            }
            return Page(
                try transaction.tags(in: row, after: page.last, limit: page.limit + 1),
                limit: page.limit
            )
        }
    }

    /// Repositories in byte order, as far as whoever asks may see them.
    package func repositories(
        _ page: PageRequest,
        isVisible: (RepositoryName) async throws -> Bool
    ) async throws -> Page<RepositoryName> {
        let wanted = page.limit + 1
        var (found, last): ([RepositoryName], String?) = ([], page.last)
        while found.count < wanted {
            let from = last
            let names = try await stores.metadata.read { try $0.repositoryNames(after: from, limit: wanted) }
            for name in names where found.count < wanted {
                if try await isVisible(name) { found.append(name) }
            }
            guard names.count == wanted, let end = names.last else { break }
            last = end.description
        }
        return Page(found, limit: page.limit)
    }

}
