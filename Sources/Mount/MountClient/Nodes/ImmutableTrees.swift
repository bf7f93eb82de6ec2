// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

/// The parts of a tree of images that never change once they exist.
enum ImmutableTrees {
    /// Whether a path lies in `/.flat` or `/.layers`: there a link's target is the image's, so nothing is expanded.
    static func contains(_ path: [UInt8]) -> Bool {
        path.starts(with: "/.flat/".utf8) || path.starts(with: "/.layers/".utf8)
    }

    /// Whether a directory's names never change: an image's root, which lies two directories below, or deeper.
    static func isFrozen(_ directory: [UInt8]) -> Bool {
        contains(directory) && directory.count(where: { $0 == UInt8(ascii: "/") }) >= 3
    }
}
