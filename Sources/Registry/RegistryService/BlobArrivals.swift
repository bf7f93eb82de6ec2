// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

package import Digests
package import OCISpec
internal import Synchronization

/// Tells whoever listens of each blob that was uploaded, as soon as it is durable and belongs to its repository.
///
/// A hint, for work that can begin before the manifest comes; what is lost with a crash is found again by the manifest.
package final class BlobArrivals: Sendable {
    /// Called with the digest, the size in bytes and the repository; it must return at once.
    package typealias Listener = @Sendable (OCIDigest, Int64, RepositoryName) -> Void

    private let listener = Mutex<Listener?>(nil)

    /// Starts without a listener.
    package init() {}

    /// Sets the one listener.
    package func listen(_ body: @escaping Listener) { listener.withLock { $0 = body } }

    func tell(_ digest: OCIDigest, size: Int64, in repository: RepositoryName) {
        listener.withLock { $0 }?(digest, size, repository)
    }
}
