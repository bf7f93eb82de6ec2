// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

/// The counters of a catalog: twelve for the catalog itself, twelve for all that is nested below it.
///
/// - Source: cvmfs-format C.16.
package struct CatalogCounters: Hashable, Sendable {
    /// The rows of this catalog.
    package var own = Tally()
    /// The sum of all nested catalogs, at any depth.
    package var subtree = Tally()

    package init() {}

    /// Twelve sums over one set of rows.
    package struct Tally: Hashable, Sendable {
        package var regular: Int64 = 0
        package var symlink: Int64 = 0
        package var special: Int64 = 0
        /// Directories, including a catalog's own root row and the mountpoint rows of nested catalogs.
        package var dir: Int64 = 0
        package var nested: Int64 = 0
        package var chunked: Int64 = 0
        package var chunks: Int64 = 0
        package var fileSize: Int64 = 0
        package var chunkedSize: Int64 = 0
        /// Entries that have extended attributes.
        package var xattr: Int64 = 0
        package var external: Int64 = 0
        package var externalFileSize: Int64 = 0

        package init() {}

        /// Adds one row; chunk rows and nested catalogs are counted apart.
        package mutating func add(_ entry: CatalogEntry) {
            if entry.isDirectory {
                dir += 1
            } else if entry.flags.contains(.symbolicLink) {
                symlink += 1
            } else if entry.flags.contains(.special) {
                special += 1
            } else {
                regular += 1
                fileSize &+= entry.size
                if entry.flags.contains(.chunked) {
                    chunked += 1
                    chunkedSize &+= entry.size
                }
                if entry.flags.contains(.external) {
                    external += 1
                    externalFileSize &+= entry.size
                }
            }
            if entry.attributes != nil { xattr += 1 }
        }

        /// Adds another tally.
        package static func += (left: inout Tally, right: Tally) {
            for (_, field) in CatalogCounters.fields { left[keyPath: field] &+= right[keyPath: field] }
        }

        /// Takes another tally away.
        package static func -= (left: inout Tally, right: Tally) {
            for (_, field) in CatalogCounters.fields { left[keyPath: field] &-= right[keyPath: field] }
        }
    }

    /// The names of the counters without their prefix, in the order of the reference.
    nonisolated(unsafe) package static let fields: [(name: String, field: WritableKeyPath<Tally, Int64>)] = [
        ("regular", \.regular), ("symlink", \.symlink), ("special", \.special), ("dir", \.dir),
        ("nested", \.nested), ("chunked", \.chunked), ("chunks", \.chunks), ("file_size", \.fileSize),
        ("chunked_size", \.chunkedSize), ("xattr", \.xattr), ("external", \.external),
        ("external_file_size", \.externalFileSize),
    ]

    /// Reads the rows of a `statistics` table; `nil` if one of the 24 is missing.
    package init?(rows: [String: Int64]) {
        for (name, field) in Self.fields {
            guard let own = rows["self_" + name], let subtree = rows["subtree_" + name] else { return nil }
            self.own[keyPath: field] = own
            self.subtree[keyPath: field] = subtree
        }
    }

    /// All 24 rows of the `statistics` table.
    package var rows: [(counter: String, value: Int64)] {
        Self.fields.map { ("self_" + $0.name, own[keyPath: $0.field]) }
            + Self.fields.map { ("subtree_" + $0.name, subtree[keyPath: $0.field]) }
    }

    /// This catalog and everything nested below it: what a parent counts as its subtree.
    package var total: Tally {
        var sum = own
        sum += subtree
        return sum
    }
}
