// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

/// Absolute limits of a layer: images are hostile until shown otherwise.
package struct LayerLimits: Sendable, Hashable {
    /// Bytes of the tar stream with holes included.
    ///
    /// Default 200 GiB.
    package var expandedSize: Int64 = 200 << 30
    /// Members.
    ///
    /// Default 5 million.
    package var entries: Int = 5_000_000
    /// Bytes of one file with holes included.
    ///
    /// Default 1 TiB.
    package var fileSize: Int64 = 1 << 40
    /// Bytes of a path below the image's root.
    ///
    /// Default 4096 less what stands before it in a mounted tree (`/cvmfs/<repository>/.flat/ab/<64
    /// digits>/`, at most 350 bytes).
    package var pathLength: Int = 4096 - 350
    /// Bytes of names and values of one entry's extended attributes.
    ///
    /// Default 128 KiB: one value of 64 KiB, the kernel's largest, and what else an entry may have.
    package var attributesSize: Int = 128 << 10
    /// Layers of one image.
    ///
    /// Default 127.
    package var layers: Int = 127
    /// Bytes of a symbolic link's target, the kernel's own limit.
    package static let linkTargetLength = 4095

    package init() {}
}
