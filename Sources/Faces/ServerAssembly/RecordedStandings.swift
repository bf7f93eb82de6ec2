// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import MetadataStore
internal import RepositoryHTTP
internal import Synchronization

/// Who may read a published repository, as the database has it.
///
/// What is known stays true: a repository is private from before its first object on or never, and private for good.
final class RecordedStandings: RepositoryStandings {
    private let metadata: any MetadataStore
    private let known = Mutex<[String: RepositoryStanding]>([:])

    init(metadata: any MetadataStore) { self.metadata = metadata }

    func standing(of repository: String) async throws -> RepositoryStanding {
        if let standing = known.withLock({ $0[repository] }) { return standing }
        let standing: RepositoryStanding = try await metadata.read { transaction in
            if let owner = try transaction.owner(ofPublished: repository) { return .members(of: owner) }
            return try transaction.hasPublished(repository) ? .everybody : .unknown
        }
        // Of names that do not exist there is no end.
        if standing != .unknown { known.withLock { $0[repository] = standing } }
        return standing
    }
}
