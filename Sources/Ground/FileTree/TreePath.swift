// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

/// A normalised path below some root: components joined by `/`, no leading or trailing slash, never `.` or
/// `..`.
///
/// Empty for the root itself. Raw bytes.
package struct TreePath: Hashable, Sendable, CustomStringConvertible {
    package let bytes: [UInt8]

    private init(normalised bytes: [UInt8]) { self.bytes = bytes }

    package static let root = TreePath(normalised: [])

    /// The longest component that Linux file systems take.
    package static let componentLimit = 255

    /// Normalises a member's name: empty components and `.` vanish, `..` takes back the one before and stops at the
    /// root.
    package init(_ name: ArraySlice<UInt8>) { self.init(Array(name)) }

    /// Normalises a member's name that is in memory; one that is normal already is kept as it is.
    package init(_ name: [UInt8]) {
        guard !Self.isNormal(name) else {
            bytes = name
            return
        }
        var components: [ArraySlice<UInt8>] = []
        for component in name.split(separator: UInt8(ascii: "/")) {
            if component.elementsEqual("..".utf8) {
                _ = components.popLast()
            } else if !component.elementsEqual(".".utf8) {
                components.append(component)
            }
        }
        bytes = Array(components.joined(separator: [UInt8(ascii: "/")]))
    }

    /// Normalises a text.
    package init(_ text: String) { self.init(Array(text.utf8)) }

    /// Whether no component is empty, `.` or `..`.
    private static func isNormal(_ name: [UInt8]) -> Bool {
        name.withUnsafeBufferPointer { bytes in
            var length = 0
            var dots = 0
            for byte in bytes {
                if byte == UInt8(ascii: "/") {
                    guard length > 0, length != dots || dots > 2 else { return false }
                    length = 0
                    dots = 0
                } else {
                    length += 1
                    if byte == UInt8(ascii: ".") { dots += 1 }
                }
            }
            return bytes.isEmpty || length > 0 && (length != dots || dots > 2)
        }
    }

    package var isRoot: Bool { bytes.isEmpty }

    package var components: [[UInt8]] { bytes.split(separator: UInt8(ascii: "/")).map { Array($0) } }

    /// The last component; empty for the root.
    package var name: [UInt8] {
        guard let slash = bytes.lastIndex(of: UInt8(ascii: "/")) else { return bytes }
        return Array(bytes[(slash + 1)...])
    }

    /// The path without its last component; the root is its own parent.
    package var parent: TreePath {
        guard let slash = bytes.lastIndex(of: UInt8(ascii: "/")) else { return .root }
        return TreePath(normalised: Array(bytes[..<slash]))
    }

    /// The path of an entry of this directory.
    ///
    /// `name` is one component.
    package func appending(_ name: [UInt8]) -> TreePath {
        isRoot ? TreePath(normalised: name) : TreePath(normalised: bytes + [UInt8(ascii: "/")] + name)
    }

    /// The path of something below this directory.
    package func appending(_ path: TreePath) -> TreePath {
        path.isRoot ? self : appending(path.bytes)
    }

    /// Whether this is an entry of a directory; cheaper than comparing `parent`.
    package func isChild(of directory: TreePath) -> Bool {
        guard !isRoot, isInside(directory), bytes.count > directory.bytes.count else { return false }
        let start = directory.isRoot ? 0 : directory.bytes.count + 1
        return !bytes[start...].contains(UInt8(ascii: "/"))
    }

    /// Whether this is `other` or lies below it.
    package func isInside(_ other: TreePath) -> Bool {
        guard bytes.starts(with: other.bytes) else { return false }
        return other.isRoot || bytes.count == other.bytes.count
            || bytes[other.bytes.count] == UInt8(ascii: "/")
    }

    /// The relative symbolic link target that leads from an entry at this path to another path of the same tree.
    package func relativeTarget(to destination: TreePath) -> [UInt8] {
        let from = parent.components
        let to = destination.components
        var shared = 0
        while shared < from.count, shared < to.count, from[shared] == to[shared] { shared += 1 }
        let ups = Array(repeating: Array("..".utf8), count: from.count - shared)
        let steps = ups + to[shared...]
        return steps.isEmpty ? Array(".".utf8) : Array(steps.joined(separator: [UInt8(ascii: "/")]))
    }

    /// For people: bytes that are no printable UTF-8 are escaped as `%XX`, so that a name cannot steer a terminal.
    package var description: String { "/" + Self.printable(bytes) }

    /// Escapes what is not printable.
    package static func printable(_ bytes: [UInt8]) -> String {
        guard let text = String(validating: bytes, as: UTF8.self),
            text.unicodeScalars.allSatisfy({ !$0.properties.isControl && $0 != "%" })
        else {
            return bytes.map {
                (0x21..<0x7f).contains($0) && $0 != 0x25 ? String(UnicodeScalar($0)) : escaped($0)
            }
            .joined()
        }
        return text
    }

    private static func escaped(_ byte: UInt8) -> String {
        let digits = String(byte, radix: 16, uppercase: true)
        return digits.count == 1 ? "%0" + digits : "%" + digits
    }
}

extension Unicode.Scalar.Properties {
    fileprivate var isControl: Bool {
        switch generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned:
            true
        default: false
        }
    }
}
