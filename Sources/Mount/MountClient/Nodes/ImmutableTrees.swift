// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

/// The parts of a tree of images that never change once they exist.
enum ImmutableTrees {
    /// Whether a path lies in `/.flat` or `/.layers`: there a link's target is the image's, so nothing is expanded.
    static func contains(_ path: [UInt8]) -> Bool {
        path.starts(with: "/.flat/".utf8) || path.starts(with: "/.layers/".utf8)
    }

    /// The root of the image or layer that a path belongs to: it lies two directories below.
    static func root(of path: [UInt8]) -> [UInt8]? {
        guard contains(path) else { return nil }
        let slashes = path.indices.filter { path[$0] == UInt8(ascii: "/") }
        return slashes.count < 3 ? nil : Array(path[..<(slashes.count == 3 ? path.endIndex : slashes[3])])
    }

    /// Whether a directory's names never change: an image's root, which lies two directories below, or deeper.
    static func isFrozen(_ directory: [UInt8]) -> Bool {
        contains(directory) && directory.count(where: { $0 == UInt8(ascii: "/") }) >= 3
    }
}
