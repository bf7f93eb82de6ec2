// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

package import CVMFSFormat
internal import Digests

/// Which files of a directory are fetched ahead when others of it had to be waited for.
///
/// A program that starts reads one small file after the other, each a round trip; most of them come from few directories. So
/// where the network is far, the second wait in a directory has its other small files fetched side by side. Bounded, since
/// what is fetched ahead may never be read.
package enum NeighbourRule {
    /// From so many files on that somebody had to wait for.
    package static let waitLimit = 2
    /// Larger files are not fetched ahead: they cost more than a round trip.
    package static let fileLimit: Int64 = 256 << 10
    /// So many plain bytes of a directory at most.
    package static let directoryLimit: Int64 = 8 << 20
    /// From so long a wait for an object on, on the average.
    package static let farFrom = Duration.milliseconds(3)

    /// The files to fetch: those that come after `name` in the alphabet first, as far as the limits reach.
    ///
    /// - Parameters:
    ///   - children: a directory's entries in any order.
    ///   - name: the file that was waited for last.
    package static func files(of children: [CatalogEntry], after name: [UInt8]) -> [CatalogEntry] {
        let small = children.filter { entry in
            entry.isRegular && entry.size > 0 && entry.size <= fileLimit && entry.hash != nil
                && entry.flags.intersection([.chunked, .external, .hidden]).isEmpty
        }
        let ordered = small.sorted { $0.name.lexicographicallyPrecedes($1.name) }
        let later = ordered.filter { name.lexicographicallyPrecedes($0.name) }
        let earlier = ordered.filter { $0.name.lexicographicallyPrecedes(name) }
        var (chosen, total) = ([CatalogEntry](), Int64(0))
        for entry in later + earlier {
            // Both are at most the limits, so the sum is small.
            guard total + entry.size <= directoryLimit else { break }
            total += entry.size
            chosen.append(entry)
        }
        return chosen
    }
}
