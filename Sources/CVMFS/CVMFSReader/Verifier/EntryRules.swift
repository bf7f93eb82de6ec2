// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

package import CVMFSFormat

/// The rules that a row must follow by itself, whatever stands around it.
///
/// - Source: cvmfs-format C.6, C.7, C.10, C.19 (10, 11, 13); cvmfs-observed: devices keep their number in `size`.
package enum EntryRules {
    /// A broken rule and what is wrong.
    package typealias Finding = (rule: RepositoryFault.Rule, detail: String)

    /// Returns what is wrong with a row.
    ///
    /// - Parameters:
    ///   - entry: the row.
    ///   - isRoot: whether it is the repository's root, the one entry without a name.
    /// - Returns: all findings; none for a good row.
    package static func findings(_ entry: CatalogEntry, isRoot: Bool) -> [Finding] {
        name(entry, isRoot: isRoot) + type(entry) + content(entry) + size(entry) + links(entry) + rest(entry)
    }

    private static func name(_ entry: CatalogEntry, isRoot: Bool) -> [Finding] {
        if isRoot {
            return entry.name.isEmpty ? [] : [(.entryName, "the root directory has a name")]
        }
        if entry.name.isEmpty { return [(.entryName, "the entry has no name")] }
        if entry.name.contains(UInt8(ascii: "/")) || entry.name.contains(0) {
            return [(.entryName, "the name holds a slash or a zero byte")]
        }
        let isDots = entry.name.elementsEqual(".".utf8) || entry.name.elementsEqual("..".utf8)
        return isDots ? [(.entryName, "the name is '.' or '..'")] : []
    }

    /// Clients trust the mode for `stat` and the flags for behaviour, so that both have to say the same.
    private static func type(_ entry: CatalogEntry) -> [Finding] {
        guard let type = entry.type else {
            return [(.entryType, "the mode \(octal(entry.mode)) has no file type")]
        }
        let kinds: EntryFlags = [.directory, .file, .symbolicLink, .special]
        let expected: EntryFlags =
            switch type {
            case .directory: .directory
            case .regular: .file
            case .symbolicLink: [.file, .symbolicLink]
            case .fifo, .characterDevice, .blockDevice, .socket: [.file, .special]
            }
        var findings: [Finding] = []
        if entry.flags.intersection(kinds) != expected {
            findings.append(
                (.entryType, "the mode \(octal(entry.mode)) and the flags \(entry.flags.rawValue) differ")
            )
        }
        let transitions: EntryFlags = [.nestedMountpoint, .nestedRoot, .bindMountpoint]
        if type != .directory, !entry.flags.isDisjoint(with: transitions) {
            findings.append((.entryType, "only a directory can be a mountpoint of a catalog"))
        }
        if type != .regular, entry.flags.contains(.chunked) {
            findings.append((.chunks, "only a regular file can be chunked"))
        }
        if type != .regular, entry.flags.contains(.external) {
            findings.append((.externalFile, "only a regular file can be external"))
        }
        return findings
    }

    private static func content(_ entry: CatalogEntry) -> [Finding] {
        guard entry.type == .regular else {
            return entry.hash == nil ? [] : [(.contentHash, "only a regular file can have a content hash")]
        }
        var findings: [Finding] = []
        if entry.hash == nil, !entry.flags.contains(.chunked) {
            findings.append((.contentHash, "the file has no content hash"))
        }
        if entry.flags.algorithm == nil {
            findings.append((.contentHash, "the flags \(entry.flags.rawValue) name no known hash algorithm"))
        }
        if entry.flags.compression == nil {
            findings.append((.contentHash, "the flags \(entry.flags.rawValue) name no known compression"))
        }
        return findings
    }

    private static func size(_ entry: CatalogEntry) -> [Finding] {
        switch entry.type {
        case .fifo, .socket:
            entry.size == 0 ? [] : [(.entrySize, "a FIFO or socket has the size \(entry.size)")]
        default:
            entry.size >= 0 ? [] : [(.entrySize, "the size \(entry.size) is negative")]
        }
    }

    private static func links(_ entry: CatalogEntry) -> [Finding] {
        var findings: [Finding] = []
        if entry.linkCount == 0 { findings.append((.linkCount, "the link count is 0")) }
        if entry.isDirectory {
            if entry.linkGroup != 0 {
                findings.append((.hardLinkGroup, "a directory is in the hard link group \(entry.linkGroup)"))
            }
        } else if entry.linkGroup == 0, entry.linkCount > 1 {
            findings.append((.hardLinkGroup, "the link count is \(entry.linkCount), but there is no group"))
        }
        if entry.type == .symbolicLink {
            if entry.linkTarget.isEmpty { findings.append((.linkTarget, "the symbolic link has no target")) }
        } else if !entry.linkTarget.isEmpty {
            findings.append((.linkTarget, "only a symbolic link can have a target"))
        }
        return findings
    }

    private static func rest(_ entry: CatalogEntry) -> [Finding] {
        var findings: [Finding] = []
        if let nanoseconds = entry.mtimeNanoseconds, !(0..<1_000_000_000).contains(nanoseconds) {
            findings.append((.entryTime, "\(nanoseconds) nanoseconds are not less than a second"))
        }
        if let attributes = entry.attributes { findings += self.attributes(attributes) }
        return findings
    }

    private static func attributes(_ encoded: [UInt8]) -> [Finding] {
        guard let names = ExtendedAttributes(encoded: encoded)?.attributes.map(\.name) else {
            return [(.attributes, "the extended attributes cannot be read")]
        }
        // Equal names are out of order, too.
        let isSorted = zip(names, names.dropFirst()).allSatisfy { $0.lexicographicallyPrecedes($1) }
        return isSorted ? [] : [(.attributes, "the extended attributes are not sorted by their names")]
    }

    private static func octal(_ mode: UInt32) -> String { "0" + String(mode, radix: 8) }
}
