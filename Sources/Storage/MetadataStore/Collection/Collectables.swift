// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

package import Digests

/// The name of something in a published repository that may become garbage.
package struct CollectableName: Hashable, Sendable {
    /// What the name is of.
    package let kind: Int
    /// The 20 bytes of an object's hash, or the bytes of a path or a file's name.
    package let bytes: [UInt8]

    /// Joins the columns of a row.
    package init(kind: Int, bytes: [UInt8]) {
        self.kind = kind
        self.bytes = bytes
    }

    /// A tree of the repository, by its path.
    package static func tree(_ path: [UInt8]) -> Self { Self(kind: treeKind, bytes: path) }

    /// A file beside the repository's layer indexes.
    package static func layerFile(_ name: String) -> Self { Self(kind: layerKind, bytes: Array(name.utf8)) }

    /// An object.
    package static func object(_ hash: ContentHash, _ kind: ObjectKind) -> Self {
        Self(kind: objectKind(hash.algorithm, kind), bytes: hash.bytes)
    }

    /// The number of a kind of object: whole files are 0, chunks 1, so that the content map's rows can be joined.
    package static func objectKind(_ algorithm: ContentHashAlgorithm, _ kind: ObjectKind) -> Int {
        Int(algorithm.rawValue) * 256 + (objectKinds.firstIndex(of: kind) ?? 0)
    }

    /// The object of this name; `nil` for what is no object.
    package var object: (hash: ContentHash, kind: ObjectKind)? {
        guard kind >= 0, kind % 256 < Self.objectKinds.count,
            let algorithm = UInt8(exactly: kind / 256).flatMap({ ContentHashAlgorithm(rawValue: $0) }),
            let hash = ContentHash(algorithm: algorithm, bytes: bytes)
        else { return nil }
        return (hash, Self.objectKinds[kind % 256])
    }

    /// The number of trees.
    package static let treeKind = -1
    /// The number of files beside the layer indexes.
    package static let layerKind = -2

    // The order is that of the database: only ever appended to.
    private static let objectKinds: [ObjectKind] = [
        .file, .chunk, .catalog, .history, .metainfo, .certificate,
    ]
}

/// Something that was found unreferenced.
package struct CollectableRecord: Hashable, Sendable {
    package let name: CollectableName
    /// Since when, on the clock of graces.
    package let since: Timestamp
    package let isCondemned: Bool

    /// Joins the columns of a row.
    package init(name: CollectableName, since: Timestamp, isCondemned: Bool) {
        self.name = name
        self.since = since
        self.isCondemned = isCondemned
    }
}

/// The port to what is unreferenced in published repositories, for those who use such things: see `ContentLife`.
///
/// What has no row is live. All calls block.
package protocol CollectableUse: Sendable {
    /// Asks for something that is there, and may be relied on for one grace if the answer is true; `false` for what is
    /// condemned.
    func hit(_ name: CollectableName, in repository: String) throws -> Bool

    /// Keeps something from being removed for one grace, because it is about to be stored again; ends a condemnation.
    func hold(_ name: CollectableName, in repository: String) throws

    /// Makes the renewals of all contents that the map has found so far valid, and returns how many contents were found and
    /// then lost since the repository was opened.
    ///
    /// Whoever finds the number grown since it began must begin anew: something that it found is gone.
    func losses(in repository: String) throws -> Int
}

/// The port to what is unreferenced in published repositories, for the collector.
///
/// All calls block; each changing one is a transaction.
package protocol Collectables: Sendable {
    /// The clock of graces.
    var collectionClock: CollectionClock { get }

    /// What is unreferenced of a kind, with names that begin with a byte, or all.
    func unreferenced(_ kind: Int, beginning first: UInt8?, in repository: String) throws
        -> [CollectableRecord]

    /// Notes what was found unreferenced now; leaves alone what was so before.
    func noteUnreferenced(_ names: [CollectableName], in repository: String) throws

    /// Forgets what was found referenced.
    func noteReferenced(_ names: [CollectableName], in repository: String) throws

    /// Condemns those that are still unreferenced since before a moment.
    func condemn(_ names: [CollectableName], deadline: Timestamp, in repository: String) throws

    /// Up to `limit` condemned objects and files.
    func condemned(in repository: String, limit: Int) throws -> [CollectableRecord]

    /// Forgets what is condemned and takes it away by `removal`, within one transaction: whoever stores the same again comes
    /// before it, which keeps it, or after it, when it is gone.
    ///
    /// - Returns: those that were taken away.
    func remove(
        _ names: [CollectableName],
        in repository: String,
        _ removal: (CollectableName) throws -> Void
    ) throws -> [CollectableName]
}
