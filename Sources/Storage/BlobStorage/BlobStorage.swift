// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

package import Digests
package import NIOCore

/// Where the bytes of blobs live, named by their digest.
///
/// Every operation may be repeated: storing a blob that is there, or deleting one that is not, succeeds. What
/// `finish` has returned for survives a crash of the machine. Drivers run blocking calls on threads of their own.
/// `Tests/Support/BlobStorageConformance.swift` is the contract in code; every driver passes it.
package protocol BlobStorage: Sendable {
    /// The number of bytes of a blob; `nil` if it is not stored.
    func size(of digest: OCIDigest) async throws(BlobProblem) -> Int64?

    /// Opens a blob for reading; `nil` if it is not stored. It stays readable if it is deleted meanwhile.
    func open(_ digest: OCIDigest) async throws(BlobProblem) -> (any BlobContent)?

    /// Runs `body` with exclusive use of an upload, which is created if it is new and else goes on where it stood, also
    /// after a restart.
    ///
    /// The upload must not be used after `body` has returned. It stays unfinished unless `body` finishes it.
    /// - Throws: `uploadBusy` if another task has it; else what `body` throws.
    func withUpload<Result: Sendable>(
        _ id: UploadID,
        _ body: (any BlobUpload) async throws -> Result
    ) async throws -> Result

    /// Forgets an unfinished upload and its bytes; does nothing if there is none.
    func discardUpload(_ id: UploadID) async throws(BlobProblem)

    /// All unfinished uploads that have bytes in the storage, in no order.
    func uploads() async throws(BlobProblem) -> [UploadID]

    /// Removes a blob; `false` if it was not stored.
    func delete(_ digest: OCIDigest) async throws(BlobProblem) -> Bool

    /// Sets a damaged blob aside, where people can look at it: it is no longer stored.
    ///
    /// `content` is what was found damaged. If the name holds another content by now, as after a new upload, nothing
    /// happens and the result is `false`.
    func quarantine(_ digest: OCIDigest, holding content: any BlobContent) async throws(BlobProblem) -> Bool

    /// Up to `limit` stored blobs in the order of their text, after `last`.
    func digests(after last: OCIDigest?, limit: Int) async throws(BlobProblem) -> [OCIDigest]
}

/// A blob that is open for reading.
package protocol BlobContent: Sendable {
    /// The number of bytes.
    var size: Int64 { get }

    /// A descriptor of a plain file with exactly the blob's bytes, for the kernel to send from or another reader to
    /// `pread`; `nil` where the storage has none. Valid as long as this value lives; never to be closed by the caller.
    var fileDescriptor: Int32? { get }

    /// Reads up to `count` bytes from `offset`; fewer only at the end of the blob, none beyond it.
    func read(at offset: Int64, count: Int) async throws(BlobProblem) -> ByteBuffer
}

/// A blob in the making.
package protocol BlobUpload: Sendable {
    /// How many bytes it holds.
    var offset: Int64 { get }

    /// Says with which algorithm `finish` will be asked, if that is known before the first byte came; a hint that saves
    /// reading the bytes again.
    func expect(_ algorithm: DigestAlgorithm) async throws(BlobProblem)

    /// Appends bytes. If it throws, the upload holds what it held before.
    func append(_ bytes: ByteBuffer) async throws(BlobProblem)

    /// Cuts the upload back to `offset`, which must not be beyond its end.
    func truncate(to offset: Int64) async throws(BlobProblem)

    /// Makes the upload the blob `digest`, durably, and returns the blob's size.
    ///
    /// - Throws: `digestMismatch` if the content is another one; the upload then stays as it is.
    func finish(as digest: OCIDigest) async throws(BlobProblem) -> Int64
}
