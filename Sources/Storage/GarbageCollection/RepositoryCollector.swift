// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

package import CVMFSFormat
package import CVMFSPublisher
internal import Digests
package import FileTree
internal import Foundation
internal import ImagePublishing
package import MetadataStore
package import OCISpec

/// Collects the garbage of a published repository while it is in use: trees that no link names, layer indexes that no image
/// needs, objects that no revision needs.
///
/// Only the removal of trees is a revision, and needs the writer. Objects are marked from the manifest of record, the
/// named snapshots and the layer indexes; what a running ingest finds it renews, and asks at its end whether it was in
/// time. All objects are listed, so that those of a publication that never was are found as well. All calls block; one run
/// at a time.
package struct RepositoryCollector: Sendable {
    /// Runs a job with the one writer of a repository.
    package typealias Writing =
        @Sendable (
            RepositoryFQRN, @escaping @Sendable (RepositoryPublisher) throws -> [TreePath]
        ) throws -> [TreePath]

    let data: String
    let scratch: String
    let records: any PublishedRepositories & Collectables
    let graces: RepositoryGraces
    let now: @Sendable () -> Timestamp
    let showsLayers: @Sendable (RepositoryName) throws -> Bool
    let writing: Writing

    /// - Parameters:
    ///   - data: the data directory.
    ///   - scratch: a directory for what is marked, emptied at start.
    ///   - records: the database.
    ///   - graces: how long what is kept.
    ///   - now: the clock on the wall.
    ///   - showsLayers: whether a registry's repository shows its layers one by one.
    ///   - writing: the way to the writer.
    package init(
        data: String,
        scratch: String,
        records: any PublishedRepositories & Collectables,
        graces: RepositoryGraces,
        now: @escaping @Sendable () -> Timestamp,
        showsLayers: @escaping @Sendable (RepositoryName) throws -> Bool,
        writing: @escaping Writing
    ) {
        self.data = data
        self.scratch = scratch
        self.records = records
        self.graces = graces
        self.now = now
        self.showsLayers = showsLayers
        self.writing = writing
    }

    /// Marks, and removes what is due; a dry run tells what that would be.
    ///
    /// - Returns: what was done, with its end noted.
    /// - Throws: `noSuchRepository`; what the disk, the database and the observer throw.
    package func run(_ run: CollectionRun, _ observer: CollectionObserver) throws -> CollectionRun {
        guard let name = RepositoryFQRN(run.subject), let record = try records.record(of: run.subject),
            record.revision > 0
        else {
            throw Self.noRepository(run.subject, in: data)
        }
        let location = RepositoryLocation(data: data, name: name)
        let objects = ObjectStore(location: location, algorithm: record.algorithm)
        let run = RepositoryRun(self, objects, run, observer)
        try run.collectTrees()
        try run.collectObjects()
        return run.run
    }

    static func noRepository(_ name: String, in data: String) -> CollectionProblem {
        CollectionProblem(
            .noSuchRepository,
            "there is no repository \(name) in \(data)",
            remedy: "'wharf admin gc' without a name collects the registry and all repositories"
        )
    }

    func trees(of objects: ObjectStore) -> TreeCollector {
        TreeCollector(objects, collectables: records, showsLayers: showsLayers)
    }

    func deadline(_ grace: Duration) -> Timestamp { records.collectionClock.now().before(grace) }
}
