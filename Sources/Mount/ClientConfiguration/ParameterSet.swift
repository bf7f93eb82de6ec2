// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

/// CVMFS client parameters by name, each with the place that it comes from.
package struct ParameterSet: Sendable {
    /// Where a value was written.
    package enum Origin: Sendable, Hashable, CustomStringConvertible {
        case file(String, line: Int)
        /// `-o` or a flag.
        case commandLine
        /// Derived by the program itself.
        case program

        package var description: String {
            switch self {
            case .file(let path, let line): "\(path):\(line)"
            case .commandLine: "command line"
            case .program: "derived"
            }
        }
    }

    /// One parameter's value.
    package struct Entry: Sendable, Equatable {
        package let value: String
        package let origin: Origin
        /// Whether later files cannot change it.
        package let isReadOnly: Bool
    }

    /// All values, by name.
    package private(set) var entries: [String: Entry] = [:]

    /// A set without parameters.
    package init() {}

    /// The value of a parameter; `nil` if nobody set it.
    package subscript(name: String) -> String? { entries[name]?.value }

    /// The values without their places.
    package var values: [String: String] { entries.mapValues(\.value) }

    /// Sets a parameter, unless an earlier file made it read-only.
    ///
    /// Returns whether it was set. The command line and the program set what they want.
    @discardableResult
    package mutating func set(
        _ name: String,
        to value: String,
        from origin: Origin,
        readOnly: Bool = false
    ) -> Bool {
        let isByFile = if case .file = origin { true } else { false }
        if isByFile, entries[name]?.isReadOnly == true { return false }
        entries[name] = Entry(value: value, origin: origin, isReadOnly: readOnly)
        return true
    }

    /// Forgets a parameter, as `unset` does.
    package mutating func remove(_ name: String) {
        if entries[name]?.isReadOnly != true { entries[name] = nil }
    }

    /// Where repositories are mounted.
    package var mountDirectory: String { self["CVMFS_MOUNT_DIR"] ?? "/cvmfs" }

    /// The repositories of this node, as they are written.
    package var repositories: [String] {
        (self["CVMFS_REPOSITORIES"] ?? "").split { $0 == "," || $0.isWhitespace }.map { String($0) }
    }

    /// Whether a text means yes.
    ///
    /// - Source: cvmfs-format H.1.
    package static func isTrue(_ text: String) -> Bool {
        ["yes", "on", "1", "true"].contains(text.lowercased())
    }
}
