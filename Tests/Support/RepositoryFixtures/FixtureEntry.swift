// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CVMFSFormat

/// One entry of a repository that a test makes.
package struct FixtureEntry: Sendable {
    /// What it is.
    package enum Kind: Sendable {
        case directory
        case file([UInt8])
        case chunked([[UInt8]])
        /// One chunk again and again: files that are larger than any disk.
        case repeated([UInt8], count: Int)
        /// Content that lies elsewhere: in one piece, or in several.
        case external([[UInt8]])
        case link(String)
        case device(UInt32)
    }

    package var path: [UInt8]
    package var kind: Kind
    package var permissions: UInt32
    package var linkGroup: UInt32 = 0
    package var linkCount: UInt32 = 1
    package var isHidden = false
    package var attributes: [String: String] = [:]
    /// Attributes whose values are no texts.
    package var rawAttributes: [String: [UInt8]] = [:]

    /// Describes an entry; the path begins with a slash, that of the root is empty.
    package init(_ path: String, _ kind: Kind, permissions: UInt32 = 0o755) {
        self.path = Array(path.utf8)
        self.kind = kind
        self.permissions = permissions
    }

    /// A file with a text.
    package static func text(_ path: String, _ text: String) -> FixtureEntry {
        FixtureEntry(path, .file(Array(text.utf8)), permissions: 0o644)
    }

    /// A directory.
    package static func directory(_ path: String) -> FixtureEntry { FixtureEntry(path, .directory) }

    /// A symbolic link.
    package static func link(_ path: String, to target: String) -> FixtureEntry {
        FixtureEntry(path, .link(target), permissions: 0o777)
    }

    var mode: UInt32 {
        let type: EntryType =
            switch kind {
            case .directory: .directory
            case .file, .chunked, .repeated, .external: .regular
            case .link: .symbolicLink
            case .device: .characterDevice
            }
        return type.rawValue | permissions
    }
}
