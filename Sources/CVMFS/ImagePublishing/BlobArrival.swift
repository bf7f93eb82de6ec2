// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

package import Digests
package import OCISpec

/// A blob that was uploaded to a repository of the registry.
package struct BlobArrival: Sendable {
    package let digest: OCIDigest
    package let sizeInBytes: Int64
    package let repository: RepositoryName

    package init(digest: OCIDigest, sizeInBytes: Int64, repository: RepositoryName) {
        self.digest = digest
        self.sizeInBytes = sizeInBytes
        self.repository = repository
    }
}
