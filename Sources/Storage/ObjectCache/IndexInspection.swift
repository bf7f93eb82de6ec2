// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

package import Digests

/// What an index file says, without a cache around it.
package struct IndexInspection {
    /// The names and sizes that count, those that were not used for the longest time first.
    package let objects: [(name: ContentHash, size: Int64)]
    /// The sum that the limit is compared with.
    package let totalSize: Int64
    /// Whether the objects must be asked themselves.
    package let isDamaged: Bool

    /// Reads the index in a directory; nothing else there is looked at.
    ///
    /// - Throws: `directory`, `read`.
    package init(of directory: String) throws(CacheProblem) {
        var index = try CacheIndex(directory: directory)
        defer { index.close() }
        var objects: [(name: ContentHash, size: Int64)] = []
        for number in index.recordsByUse() {
            guard let record = index.record(number) else { continue }
            objects.append((record.name, record.size))
        }
        (self.objects, totalSize, isDamaged) = (objects, index.totalSize, index.isDamaged)
    }
}
