// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

package import RegistryService

/// What an operator may choose about the protocol.
package struct RegistryPolicy: Sendable {
    /// The largest manifest.
    package var manifestSizeLimitInBytes: Int
    /// Whether an index may name what is not there.
    package var sparseIndexes: PushManifest.SparseIndexes
    /// Whether the server is about to end, so that uploads are better begun elsewhere or later.
    package var isClosing: @Sendable () -> Bool

    /// Joins the choices.
    package init(
        manifestSizeLimitInBytes: Int = 4 << 20,
        sparseIndexes: PushManifest.SparseIndexes = .refuse,
        isClosing: @escaping @Sendable () -> Bool = { false }
    ) {
        self.manifestSizeLimitInBytes = manifestSizeLimitInBytes
        self.sparseIndexes = sparseIndexes
        self.isClosing = isClosing
    }
}
