// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CVMFSCatalog
internal import CVMFSFormat
internal import CVMFSPublisher
internal import CVMFSReader
internal import Digests

/// One entry of a tree as commands print it.
struct EntryLine {
    let entry: CatalogEntry
    /// How the entry is called in the line.
    let name: [UInt8]

    /// The SHA-256 of the content, in hexadecimal, where it was asked for.
    var contentDigest: String?

    /// The form of mtree(5): the path and `key=value` words; bytes outside of a safe set as `%XX`.
    var text: String {
        var words = [Self.escaped(name), "type=" + typeName, "mode=" + permissions]
        words.append("uid=\(entry.uid) gid=\(entry.gid)")
        if !entry.isDirectory { words.append("nlink=\(entry.linkCount)") }
        if entry.isRegular { words.append("size=\(entry.size)") }
        if entry.type == .symbolicLink { words.append("size=\(entry.linkTarget.count)") }
        words.append("mtime=\(entry.mtime).\(Self.padded(String(entry.mtimeNanoseconds ?? 0), to: 9))")
        if let contentDigest { words.append("sha256=" + contentDigest) }
        if entry.type == .symbolicLink { words.append("link=" + Self.escaped(entry.linkTarget)) }
        if let device { words.append("rdev=\(device.major):\(device.minor)") }
        for attribute in attributes where !attribute.name.starts(with: "system.".utf8) {
            words.append("xattr.\(Self.escaped(attribute.name))=\(Hexadecimal.text(of: attribute.value))")
        }
        return words.joined(separator: " ")
    }

    /// The fields as JSON.
    var json: EntryJSON {
        EntryJSON(
            path: String(decoding: name, as: UTF8.self),
            pathBytes: String(validating: name, as: UTF8.self) == nil ? Hexadecimal.text(of: name) : nil,
            type: typeName,
            mode: permissions,
            uid: entry.uid,
            gid: entry.gid,
            links: entry.linkCount,
            size: entry.isRegular ? entry.size : nil,
            modified: entry.mtime,
            nanoseconds: entry.mtimeNanoseconds,
            target: entry.type == .symbolicLink ? String(decoding: entry.linkTarget, as: UTF8.self) : nil,
            object: entry.hash?.description,
            device: device.map { "\($0.major):\($0.minor)" },
            sha256: contentDigest,
            attributes: attributes.isEmpty
                ? nil
                : Dictionary(
                    attributes.map {
                        (String(decoding: $0.name, as: UTF8.self), Hexadecimal.text(of: $0.value))
                    },
                    uniquingKeysWith: { first, _ in first }
                )
        )
    }

    private var typeName: String {
        switch entry.type {
        case .directory: "dir"
        case .regular: "file"
        case .symbolicLink: "link"
        case .fifo: "fifo"
        case .characterDevice: "char"
        case .blockDevice: "block"
        case .socket: "socket"
        case nil: "?"
        }
    }

    private var permissions: String { Self.padded(String(entry.mode & 0o7777, radix: 8), to: 4) }

    private var device: (major: UInt32, minor: UInt32)? {
        entry.type == .characterDevice || entry.type == .blockDevice ? DeviceNumber.decode(entry.size) : nil
    }

    private var attributes: [ExtendedAttributes.Attribute] {
        entry.attributes.flatMap { ExtendedAttributes(encoded: $0) }?.attributes ?? []
    }

    private static func padded(_ digits: String, to width: Int) -> String {
        String(repeating: "0", count: max(0, width - digits.count)) + digits
    }

    /// Writes bytes so that a line stays a line.
    static func escaped(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789ABCDEF")
        var text = ""
        for byte in bytes {
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                text.unicodeScalars.append(Unicode.Scalar(byte))
            case _ where "._/+,=:@-".utf8.contains(byte): text.unicodeScalars.append(Unicode.Scalar(byte))
            default: text += "%\(digits[Int(byte >> 4)])\(digits[Int(byte & 15)])"
            }
        }
        return text
    }
}

/// The JSON of an entry.
///
/// Values of attributes are hexadecimal.
struct EntryJSON: Encodable {
    let path: String
    /// The path in hexadecimal, if it is no UTF-8.
    let pathBytes: String?
    let type: String
    let mode: String
    let uid: UInt32
    let gid: UInt32
    let links: UInt32
    let size: Int64?
    let modified: Int64
    let nanoseconds: Int32?
    let target: String?
    let object: String?
    let device: String?
    let sha256: String?
    let attributes: [String: String]?
}
