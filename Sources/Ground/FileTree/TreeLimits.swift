// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

/// What one tree may cost to make: an archive of a few megabytes can describe more than any machine has room or time for.
///
/// A layer's limits count what stands in its archive. These count what comes of it: directories that a path implies, and
/// steps on paths that lead through symbolic links.
package struct TreeLimits: Sendable, Hashable {
    /// Names that are ever added, those that are replaced or removed later included.
    ///
    /// Default 10 million, some 2.5 GiB of memory.
    package var names = 10_000_000
    /// Bytes of names, link targets and extended attributes.
    ///
    /// Default 512 MiB.
    package var textSize = 512 << 20
    /// Components of paths that are looked up, and bytes of link targets that are followed on the way.
    ///
    /// Default 100 million, some seconds. What a merge needs is about the number of directories times their depth.
    package var steps = 100_000_000

    package init() {}
}
