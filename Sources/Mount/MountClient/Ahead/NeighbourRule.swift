// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

package import CVMFSFormat
internal import Digests

/// Which files of a directory are fetched ahead when others of it had to be waited for.
///
/// A program that starts reads one small file after the other, each a round trip; most of them come from few directories. So
/// where the network is far, a directory's other small files are fetched side by side. Bounded, since what is fetched ahead may
/// never be read.
package enum NeighbourRule {
    /// What a directory has at most whose files are fetched at the first wait in it.
    package struct Extent: Sendable {
        package var files: Int
        package var bytes: Int64

        /// Counts small files, and their plain bytes.
        package init(files: Int, bytes: Int64) {
            self.files = files
            self.bytes = bytes
        }
    }

    /// One wait says little: not enough for the hundreds of files of a directory of programs.
    package static let smallDirectory = Extent(files: 160, bytes: 2 << 20)
    /// So many directories below one are looked at.
    package static let directoryCount = 64

    /// Whether a directory below one that was waited in is looked at: programs that start read no tests, manuals or headers.
    package static func isWorthALook(_ entry: CatalogEntry) -> Bool {
        entry.isDirectory && !entry.flags.contains(.bindMountpoint) && !unread.contains(entry.name)
    }

    private static let unread = Set(
        ["test", "tests", "testing", "doc", "docs", "man", "examples", "include"].map { Array($0.utf8) }
    )

    /// Chooses the files to fetch.
    ///
    /// - Parameters:
    ///   - children: a directory's entries in any order.
    ///   - name: the file that was waited for last; empty for none.
    ///   - fileLimit: the size of the largest file to fetch.
    ///   - extent: nothing is chosen from a directory whose small files are more than that; `nil` for no such limit.
    ///   - budget: how many plain bytes may be chosen; what is chosen is taken off.
    /// - Returns: those that come after `name` in the alphabet first, as far as the limits reach.
    package static func files(
        of children: [CatalogEntry],
        after name: [UInt8],
        upTo fileLimit: Int64,
        within extent: Extent? = nil,
        _ budget: inout Int64
    ) -> [CatalogEntry] {
        let small = children.filter { entry in
            entry.isRegular && entry.size > 0 && entry.size <= fileLimit && entry.hash != nil
                && entry.flags.intersection([.chunked, .external, .hidden]).isEmpty
        }
        if let extent {
            // Each is small, and a directory has fewer than 2^32 of them.
            guard small.count <= extent.files, small.reduce(0, { $0 + $1.size }) <= extent.bytes else {
                return []
            }
        }
        let ordered = small.sorted { $0.name.lexicographicallyPrecedes($1.name) }
        let later = ordered.filter { name.lexicographicallyPrecedes($0.name) }
        let earlier = ordered.filter { $0.name.lexicographicallyPrecedes(name) }
        var chosen: [CatalogEntry] = []
        for entry in later + earlier {
            guard entry.size <= budget else {
                budget = 0
                break
            }
            budget -= entry.size
            chosen.append(entry)
        }
        return chosen
    }
}
