// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

package import Digests
package import MetadataStore
package import OCISpec

/// Listing what refers to a manifest: signatures, attestations, bills of materials.
///
/// Every manifest with a subject is found by that subject, however it came: by tag, by digest, or named in an index
/// under a fallback tag (`sha256-…`) by a client that takes the registry for one without this list. So nothing needs to
/// be filled in later.
package struct ListReferrers: Sendable {
    private let stores: RegistryStores

    /// Works on these stores.
    package init(_ stores: RegistryStores) { self.stores = stores }

    /// What to list.
    package struct Query: Sendable {
        package var repository: RepositoryName
        package var subject: OCIDigest
        /// Only these; all if empty.
        package var artifactTypes: Set<String>
        /// Where the page before has ended.
        package var position: Int64?

        /// Joins what the request says.
        package init(
            repository: RepositoryName,
            subject: OCIDigest,
            artifactTypes: Set<String> = [],
            position: Int64? = nil
        ) {
            self.repository = repository
            self.subject = subject
            self.artifactTypes = artifactTypes
            self.position = position
        }
    }

    /// A part of the list.
    package struct Page: Sendable {
        /// What was made of each manifest.
        package var texts: [String] = []
        /// Where the next page begins; `nil` if there is none.
        package var next: Int64?
    }

    /// Describes the newest referrers that fit into a page; none if the repository or the subject is unknown.
    ///
    /// A page ends by its size, because annotations make descriptors of any length and clients refuse answers of more
    /// than 4 MiB. One manifest is in memory at a time, and a page has at least one.
    package func callAsFunction(
        _ query: Query,
        pageSizeInBytes: Int = 4 << 20,
        describe: @escaping @Sendable (ManifestRecord) -> String
    ) async throws -> Page {
        try await stores.metadata.read { transaction in
            var page = Page()
            guard let row = try transaction.repository(named: query.repository) else { return page }
            var (size, last) = (0, query.position)
            try transaction.walkReferrers(
                of: query.subject,
                in: row,
                artifactTypes: query.artifactTypes,
                after: query.position
            ) { position, record in
                let text = describe(record)
                guard page.texts.isEmpty || size + text.utf8.count < pageSizeInBytes else {
                    page.next = last
                    return false
                }
                // The comma that separates it.
                size += text.utf8.count + 1
                last = position
                page.texts.append(text)
                return true
            }
            return page
        }
    }
}
