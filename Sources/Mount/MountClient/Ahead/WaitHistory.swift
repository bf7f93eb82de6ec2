// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

/// Remembers in which directories somebody had to wait for files, and says what should be fetched ahead because of it.
///
/// A pure state machine. A program reads a file of a package, then others of the same directory, of those below and beside it: each wait
/// is a sign for the directory, and waits in several directories below one that was itself waited in are one for all of it. A
/// package of Python is waited in where its compiled modules are, in `__pycache__` below it.
package struct WaitHistory: Sendable {
    /// What should be fetched.
    package enum Wish: Equatable, Sendable {
        /// The small files of a directory.
        case directory([UInt8])
        /// Those of a directory, of the ones directly below it, and of the one above it, each if it is no large one.
        case family([UInt8])
        /// Those of everything below a directory, the upper ones first, except for large directories.
        case subtree([UInt8])
    }

    private struct Directory {
        /// How many files were waited for.
        var waits = 0
        /// Whether there was a wait for a compiled module of this package.
        var isPackage = false
        /// The last of them: its pieces count once.
        var last: UInt64?
        /// A directory below it in or below which there was a wait.
        var child: [UInt8]?
        /// Whether there was one in another, too.
        var hasManyChildren = false
        var isSubtreeWished = false
    }

    /// More directories than that are begun anew: what is forgotten is only counted again.
    private let limit: Int
    private var directories: [[UInt8]: Directory] = [:]

    /// Nobody has waited yet.
    package init(limit: Int = 4096) { self.limit = limit }

    /// Somebody waited.
    ///
    /// - Parameters:
    ///   - file: stands for the file.
    ///   - path: its directory, with a leading slash; empty for the root.
    ///   - distance: how far the servers are.
    /// - Returns: what to fetch now; each thing once.
    package mutating func wait(for file: UInt64, in path: [UInt8], _ distance: Distance) -> [Wish] {
        guard distance > .near else { return [] }
        if directories.count >= limit { directories = [:] }
        var directory = directories[path] ?? Directory()
        guard directory.last != file else { return [] }
        directory.last = file
        directory.waits += 1
        var wishes: [Wish] = []
        if directory.waits == 1, distance >= .remote { wishes.append(.family(path)) }
        if directory.waits == 2 { wishes.append(.directory(path)) }
        directories[path] = directory
        guard distance == .overseas else { return wishes }
        // The directory itself, and the two above it: a package keeps parts of its modules one level below.
        var child = path
        wishes += subtree(path)
        for _ in 0..<2 {
            guard let above = Self.parent(of: child) else { break }
            note(
                child,
                below: above,
                isCompiled: child == path && path.suffix(Self.compiled.count).elementsEqual(Self.compiled)
            )
            wishes += subtree(above)
            child = above
        }
        return wishes
    }

    /// - Source: PEP 3147.
    private static let compiled = Array("/__pycache__".utf8)

    private mutating func note(_ child: [UInt8], below above: [UInt8], isCompiled: Bool) {
        var directory = directories[above] ?? Directory()
        if isCompiled { directory.isPackage = true }
        if let known = directory.child, known != child { directory.hasManyChildren = true }
        directory.child = child
        directories[above] = directory
    }

    private mutating func subtree(_ path: [UInt8]) -> [Wish] {
        guard var directory = directories[path], directory.waits > 0 || directory.isPackage,
            directory.hasManyChildren, !directory.isSubtreeWished
        else { return [] }
        directory.isSubtreeWished = true
        directories[path] = directory
        return [.subtree(path)]
    }

    /// The directory above; `nil` for the root.
    package static func parent(of path: [UInt8]) -> [UInt8]? {
        path.lastIndex(of: UInt8(ascii: "/")).map { Array(path[..<$0]) }
    }
}
