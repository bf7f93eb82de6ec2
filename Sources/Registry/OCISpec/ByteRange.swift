// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

/// What the `Range` header of a request asks for.
///
/// - Source: RFC 9110, section 14.1.2.
package enum ByteRangeRequest: Hashable, Sendable {
    /// `bytes=500-` and `bytes=500-999`.
    case from(Int64, through: Int64?)
    /// `bytes=-500`: the last 500.
    case last(Int64)

    /// Reads the header.
    ///
    /// `nil` means that the whole content is to be sent: several ranges, another unit, or no header that could be
    /// understood. A range that ends before it starts is kept, to be answered with 416.
    package init?(header: String) {
        guard header.hasPrefix("bytes="), !header.contains(",") else { return nil }
        let parts = header.dropFirst(6).split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else { return nil }
        switch (Self.number(parts[0]), Self.number(parts[1])) {
        case (let first?, let last?): self = .from(first, through: last)
        case (let first?, nil) where parts[1].isEmpty: self = .from(first, through: nil)
        case (nil, let count?) where parts[0].isEmpty: self = .last(count)
        default: return nil
        }
    }

    /// The bytes to send of a content of `size` bytes; `nil` means 416.
    package func resolved(size: Int64) -> Range<Int64>? {
        switch self {
        case .from(let first, through: let last):
            guard first < size else { return nil }
            guard let last else { return first..<size }
            guard last >= first else { return nil }
            return first..<(last >= size ? size : last + 1)
        case .last(let count):
            guard count > 0, size > 0 else { return nil }
            return max(0, size - count)..<size
        }
    }

    private static func number(_ text: Substring) -> Int64? {
        guard !text.isEmpty, text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
        else {
            return nil
        }
        return Int64(text)
    }
}

/// Where a piece of an upload belongs: `Content-Range: 0-1023`, both ends inclusive.
///
/// - Source: OCI distribution specification 1.1, "Pushing a blob in chunks".
package struct UploadRange: Hashable, Sendable {
    package let start: Int64
    /// The number of bytes; at least one.
    package let count: Int64

    /// Reads the header; `bytes 0-1023/*`, which some clients send, is understood as well.
    package init?(header: String) {
        var text = Substring(header)
        if text.hasPrefix("bytes ") { text = text.dropFirst(6) }
        if let slash = text.firstIndex(of: "/") { text = text[..<slash] }
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2,
            parts.allSatisfy({ part in
                part.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
            }),
            let start = Int64(parts[0]), let end = Int64(parts[1]), end >= start, end < Int64.max
        else { return nil }
        self.start = start
        count = end - start + 1
    }
}
