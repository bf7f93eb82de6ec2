// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

package import CVMFSFormat
package import CVMFSPublisher
package import CompressionCodecs
package import Digests
package import FileTree
internal import Foundation
package import MetadataStore

/// Makes repositories and publishes archives into them, for the command line and for the management API.
///
/// All calls block.
package struct RepositoryWriter: Sendable {
    private let data: String
    private let records: any PublishedRepositories & ContentMap
    private let terms: PublicationTerms

    /// - Parameters:
    ///   - data: the data directory.
    ///   - records: its database.
    ///   - terms: what holds for the revisions that it makes.
    package init(
        data: String,
        records: any PublishedRepositories & ContentMap,
        terms: PublicationTerms = PublicationTerms()
    ) {
        self.data = data
        self.terms = terms
        self.records = records
    }

    /// Makes a repository with its keys and an empty first revision, and returns the fingerprint of its master key.
    package func create(
        _ name: RepositoryFQRN,
        profile: CompressionProfile,
        algorithm: ContentHashAlgorithm
    ) throws -> String {
        try RepositoryPublisher.create(
            at: RepositoryLocation(data: data, name: name),
            profile: profile,
            algorithm: algorithm,
            terms: terms,
            records: records,
            map: records,
            now: Int64(Date().timeIntervalSince1970)
        )
        .keys.fingerprint
    }

    /// Publishes an archive below a directory, after deletions; returns the revision.
    ///
    /// A publisher that is at work on the repository loses its lease, finds that out at its next commit, and goes on on top
    /// of this revision.
    package func ingest(
        _ archive: ((UnsafeMutableRawBufferPointer) throws -> Int)?,
        into name: RepositoryFQRN,
        at base: TreePath,
        deleting deletions: [TreePath]
    ) throws -> UInt64 {
        let now = Int64(Date().timeIntervalSince1970)
        let publisher = try RepositoryPublisher.open(
            RepositoryLocation(data: data, name: name),
            terms: terms,
            records: records,
            map: records,
            now: now
        )
        return try TarballIngest(publisher: publisher)
            .publish(archive, at: base, deleting: deletions, now: now)
    }

    /// Renews the whitelists that expire soon, of all repositories; returns when each expires, unix seconds.
    package func renewWhitelists(now: Int64) throws -> [String: Int64] {
        var expiries: [String: Int64] = [:]
        for name in try records.repositoryNames() {
            guard let record = try records.record(of: name), record.revision > 0,
                let fqrn = RepositoryFQRN(name)
            else {
                continue
            }
            let location = RepositoryLocation(data: data, name: fqrn)
            expiries[name] = try WhitelistRenewal(at: location, algorithm: record.algorithm).renewIfNeeded(
                now: now
            )
        }
        return expiries
    }
}
