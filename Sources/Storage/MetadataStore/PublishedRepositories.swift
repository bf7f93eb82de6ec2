// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

package import Digests

/// What is on record of a CVMFS repository that this server publishes.
package struct PublishedRepositoryRecord: Sendable, Hashable {
    /// The fully qualified name.
    package var name: String
    /// How objects are compressed: `fast`, `compact` or `identical`.
    ///
    /// Fixed when the repository is made.
    package var profile: String
    /// The algorithm of new objects' names.
    ///
    /// Fixed when the repository is made.
    package var algorithm: ContentHashAlgorithm
    /// The signed `.cvmfspublished` that is valid now; empty before the first publication.
    package var manifest: [UInt8]
    /// The revision that the manifest states; 0 before the first publication.
    package var revision: UInt64
    /// The publication time that the manifest states, unix seconds.
    package var timestamp: Int64

    package init(
        name: String,
        profile: String,
        algorithm: ContentHashAlgorithm,
        manifest: [UInt8],
        revision: UInt64,
        timestamp: Int64
    ) {
        self.name = name
        self.profile = profile
        self.algorithm = algorithm
        self.manifest = manifest
        self.revision = revision
        self.timestamp = timestamp
    }
}

/// The port to the records of published repositories.
///
/// All calls block.
///
/// The *manifest of record* lives here and is swapped by compare-and-set on a fencing token, so that of two writers at
/// most one succeeds, even if the other was stalled past its lease. Files are mirrors.
package protocol PublishedRepositories: Sendable {
    /// Adds a repository; does nothing if the name is taken.
    func create(_ record: PublishedRepositoryRecord) throws

    /// The record of a repository.
    func record(of name: String) throws -> PublishedRepositoryRecord?

    /// The names of all repositories, sorted.
    func repositoryNames() throws -> [String]

    /// Makes the caller the one writer of a repository and returns its fencing token; earlier tokens are void.
    func acquireWriter(of name: String) throws -> Int64

    /// Replaces the manifest of record if the token is still valid and the revision grows; returns whether it did.
    func swapManifest(
        of name: String,
        token: Int64,
        manifest: [UInt8],
        revision: UInt64,
        timestamp: Int64
    ) throws -> Bool
}

/// The name under which a plain content is known: its SHA-256, and whether it is a whole file or a chunk.
package struct ContentKey: Hashable, Sendable {
    /// 32 bytes.
    package var sha256: [UInt8]
    package var isChunk: Bool

    package init(sha256: [UInt8], isChunk: Bool) {
        self.sha256 = sha256
        self.isChunk = isChunk
    }
}

/// The port to the content map: which object of a repository holds which plain content.
///
/// All calls block.
package protocol ContentMap: CollectableUse {
    /// The object that holds a content; `nil` if it is condemned, which ends the condemnation and forgets the content.
    ///
    /// What is unreferenced is renewed by the next call of `losses`, which tells whether it was in time.
    func object(for content: ContentKey, in repository: String) throws -> ContentObject?

    /// The content that an object holds.
    func content(of object: ContentHash, isChunk: Bool, in repository: String) throws -> [UInt8]?

    /// Records objects that are durable.
    func record(_ objects: [(content: ContentKey, object: ContentObject)], in repository: String) throws
}
