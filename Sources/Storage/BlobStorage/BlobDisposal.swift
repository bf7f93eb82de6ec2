// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

package import Digests

/// What garbage collection asks of a storage: to list, and to take blobs away in two steps.
///
/// All calls block; never make them from a task. `setAside` is made within a transaction of the database, so that nobody
/// can store a blob anew between the decision and the deed: it must be quick, and so does not free the space.
package protocol BlobDisposal: Sendable {
    /// Takes a blob out of the storage and into the trash, if it is stored.
    func setAside(_ digest: OCIDigest) throws(BlobProblem)

    /// Frees the space of everything in the trash.
    func emptyTrash() throws(BlobProblem)

    /// The stored blobs of an algorithm whose digest begins with a byte, with their sizes, in no order.
    func blobs(of algorithm: DigestAlgorithm, beginning first: UInt8) throws(BlobProblem) -> [(
        digest: OCIDigest, size: Int64
    )]
}
