// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

/// Where the libraries of a program are likely to be.
///
/// A guess, good enough to fetch ahead by: the linker also knows `LD_LIBRARY_PATH` and its cache.
package enum LibraryRule {
    /// The directories in which a file's libraries may be, the likeliest first.
    ///
    /// - Parameters:
    ///   - file: the path of the file, in the repository.
    ///   - dependencies: what the file says.
    ///   - root: the root of the image that it belongs to; `nil` if it belongs to none.
    /// - Returns: paths in the repository, not all of which exist; `..` may be in them.
    package static func directories(
        of file: [UInt8],
        _ dependencies: ELFDependencies,
        root: [UInt8]?
    ) -> [[UInt8]] {
        let own = Array(file[..<(file.lastIndex(of: slash) ?? 0)])
        var directories: [[UInt8]] = []
        for path in dependencies.searchPath {
            if let rest = rest(of: path) {
                directories.append(own + rest)
            } else if path.first == slash, let root {
                directories.append(root + path)
            }
        }
        directories += [own, own + Array("/../lib".utf8), own + Array("/../lib64".utf8)]
        if let root { directories += usual(dependencies.machine).map { root + $0 } }
        return directories
    }

    /// Where something is that a file names by its path; `nil` for a name without one, and outside of images.
    package static func path(of name: [UInt8], root: [UInt8]?) -> [UInt8]? {
        name.first == slash ? root.map { $0 + name } : nil
    }

    private static let slash = UInt8(ascii: "/")

    /// What follows `$ORIGIN` in a directory; `nil` if that does not begin with it.
    private static func rest(of path: [UInt8]) -> [UInt8]? {
        for origin in ["$ORIGIN", "${ORIGIN}"] where path.starts(with: origin.utf8) {
            return Array(path.dropFirst(origin.utf8.count))
        }
        return nil
    }

    /// The directories of the linkers of Debian's and of Red Hat's kind.
    private static func usual(_ machine: UInt16) -> [[UInt8]] {
        let triplet: String? =
            switch machine {
            case 62: "x86_64-linux-gnu"
            case 183: "aarch64-linux-gnu"
            case 243: "riscv64-linux-gnu"
            case 21: "powerpc64le-linux-gnu"
            default: nil
            }
        let ofMachine = triplet.map { ["/usr/lib/" + $0, "/lib/" + $0] } ?? []
        return (ofMachine + ["/usr/lib64", "/lib64", "/usr/lib", "/lib", "/usr/local/lib"])
            .map { Array($0.utf8) }
    }
}
