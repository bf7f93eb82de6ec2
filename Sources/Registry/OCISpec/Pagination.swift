// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

/// Which part of a sorted list a request asks for.
///
/// - Source: OCI distribution specification 1.1, "Listing tags".
package struct PageRequest: Hashable, Sendable {
    /// The most entries to return; clamped to `maximum`.
    package let limit: Int
    /// The list goes on after this entry, which need not exist.
    package let last: String?

    /// A request without `n` gets this many entries and a link to the next.
    package static let maximum = 10_000

    /// Reads the values of `n` and `last`.
    ///
    /// - Throws: `invalidPageSize` if `n` is not a number from 0.
    package init(n: String?, last: String?) throws(OCIProblem) {
        self.last = last
        guard let n else {
            limit = Self.maximum
            return
        }
        guard !n.isEmpty, n.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else {
            throw OCIProblem(.invalidPageSize, "n is not a number")
        }
        limit = min(Int(n) ?? Self.maximum, Self.maximum)
    }

    /// The `Link` header that leads to the next page.
    package func nextLink(path: String, last: String) -> String {
        "<\(path)?last=\(PercentEncoding.encode(last))&n=\(limit)>; rel=\"next\""
    }
}

/// Percent-encoding of URL parts.
///
/// - Source: RFC 3986, section 2.
package enum PercentEncoding {
    /// Leaves letters, digits and `-._~` alone and encodes every other byte.
    package static func encode(_ text: String) -> String {
        var result = ""
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
                UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                result.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                result += digits.count == 1 ? "%0\(digits)" : "%\(digits)"
            }
        }
        return result
    }

    /// Decodes once; `nil` for a broken escape or bytes that are not UTF-8.
    ///
    /// A plus sign stays a plus sign.
    package static func decode(_ text: some StringProtocol) -> String? {
        var bytes: [UInt8] = []
        var rest = text.utf8.makeIterator()
        while let byte = rest.next() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let high = rest.next().flatMap({ digit($0) }), let low = rest.next().flatMap({ digit($0) })
            else {
                return nil
            }
            bytes.append(high << 4 | low)
        }
        return String(validating: bytes, as: UTF8.self)
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
