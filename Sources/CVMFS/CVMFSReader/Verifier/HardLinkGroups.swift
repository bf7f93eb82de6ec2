// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CVMFSFormat

/// The rules for the names of one inode in one directory.
///
/// - Source: cvmfs-format C.8, C.19 (10).
struct HardLinkGroups {
    private struct Group {
        var first: CatalogEntry
        var members: UInt32
    }

    /// The directory that each group of the catalog was met in.
    private var homes: [UInt32: [UInt8]] = [:]

    /// Returns what is wrong with the groups of a directory's entries.
    mutating func findings(of entries: [CatalogEntry], in directory: [UInt8]) -> [EntryRules.Finding] {
        var groups: [UInt32: Group] = [:]
        var findings: [EntryRules.Finding] = []
        for entry in entries where entry.linkGroup != 0 && !entry.isDirectory {
            guard let group = groups[entry.linkGroup] else {
                groups[entry.linkGroup] = Group(first: entry, members: 1)
                continue
            }
            groups[entry.linkGroup]?.members += 1
            if !Self.areSameFile(group.first, entry) {
                findings.append(
                    (.hardLinkGroup, "the members of the hard link group \(entry.linkGroup) differ")
                )
            }
        }
        for (number, group) in groups.sorted(by: { $0.key < $1.key }) {
            if group.members != group.first.linkCount {
                findings.append(
                    (
                        .hardLinkGroup,
                        "the hard link group \(number) has \(group.members) members, not \(group.first.linkCount)"
                    )
                )
            }
            if homes.updateValue(directory, forKey: number) != nil {
                findings.append((.hardLinkGroup, "the hard link group \(number) is in two directories"))
            }
        }
        return findings
    }

    private static func areSameFile(_ left: CatalogEntry, _ right: CatalogEntry) -> Bool {
        var renamed = right
        renamed.name = left.name
        renamed.rowID = left.rowID
        return renamed == left
    }
}
