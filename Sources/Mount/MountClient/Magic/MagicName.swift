// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

/// How a magic attribute is asked for: `user.pubkeys`, or one page of it, `user.pubkeys@1` with a line that names the
/// page, `user.pubkeys~1` without, and `user.pubkeys~?` for the number of pages.
///
/// - Source: cvmfs-format H.12.
struct MagicName: Equatable {
    /// What is wanted of the value.
    enum Part: Equatable {
        case page(Int, hasHeader: Bool)
        case pageCount
    }

    /// Values are cut into pages of so many bytes: the kernel has a limit of 64 KiB for a value.
    static let pageSize = 40_000

    let attribute: MagicAttribute
    let part: Part

    /// Reads a name; `nil` if it is not that of a magic attribute.
    init?(_ name: UnsafeRawBufferPointer) {
        // Asked for each executable, and each file that ls lists.
        guard name.first == UInt8(ascii: "u") || name.first == UInt8(ascii: "x"), name.count < 64 else {
            return nil
        }
        let text = String(decoding: name, as: UTF8.self)
        guard let mark = text.lastIndex(where: { $0 == "@" || $0 == "~" }) else {
            guard let attribute = MagicAttribute(rawValue: text) else { return nil }
            self.attribute = attribute
            part = .page(0, hasHeader: false)
            return
        }
        guard let attribute = MagicAttribute(rawValue: String(text[..<mark])) else { return nil }
        self.attribute = attribute
        let page = text[text.index(after: mark)...]
        if page == "?" {
            part = .pageCount
        } else if let number = Int(page), number >= 0, number < 1 << 20 {
            part = .page(number, hasHeader: text[mark] == "@")
        } else {
            return nil
        }
    }

    /// The wanted part of a value; `nil` for a page after the last.
    func part(of value: [UInt8]) -> [UInt8]? {
        let count = max(1, (value.count + Self.pageSize - 1) / Self.pageSize)
        switch part {
        case .pageCount: return Array("\(count)".utf8)
        case .page(let page, let hasHeader):
            guard page < count else { return nil }
            let start = page * Self.pageSize
            let slice = value[start..<min(value.count, start + Self.pageSize)]
            return hasHeader ? Array("# Access page at idx: \(page)\n".utf8) + slice : Array(slice)
        }
    }
}
