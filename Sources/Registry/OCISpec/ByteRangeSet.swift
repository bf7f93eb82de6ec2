// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

/// All ranges of a `Range` header: `bytes=0-99,500-,-20`.
///
/// Clients that fetch parts of a compressed layer ask for up to a thousand at once.
/// - Source: RFC 9110, sections 14.1.2 and 14.2.
package struct ByteRangeSet: Hashable, Sendable {
    /// In the order of the header; at least one.
    package let ranges: [ByteRangeRequest]

    /// A header with more is ignored, which the RFC permits, as such a request can only be meant to cost.
    package static let limit = 2048

    /// Reads the header; `nil` means that the whole content is to be sent: another unit, too many, or nothing that could
    /// be understood.
    package init?(header: String) {
        let prefix = "bytes="
        guard header.hasPrefix(prefix) else { return nil }
        let parts = header.utf8.dropFirst(prefix.utf8.count).split(
            separator: UInt8(ascii: ","),
            maxSplits: Self.limit,
            omittingEmptySubsequences: false
        )
        guard parts.count <= Self.limit else { return nil }
        var ranges: [ByteRangeRequest] = []
        for part in parts {
            guard let range = ByteRangeRequest(header: prefix + Self.trimmed(Substring(part))) else {
                return nil
            }
            ranges.append(range)
        }
        self.ranges = ranges
    }

    /// What to send of a content.
    package enum Resolution: Hashable, Sendable {
        /// No range lies within the content: 416.
        case unsatisfiable
        /// Everything, because the ranges together would be more than that.
        case whole
        case one(Range<Int64>)
        /// At least two, in the order of the request.
        case several([Range<Int64>])
    }

    /// Applies the ranges to a content of `size` bytes; those that lie beyond its end are left out.
    package func resolved(size: Int64) -> Resolution {
        let found = ranges.compactMap { $0.resolved(size: size) }
        guard let first = found.first else { return .unsatisfiable }
        guard found.count > 1 else { return .one(first) }
        var total: Int64 = 0
        for range in found {
            let (sum, overflow) = total.addingReportingOverflow(range.upperBound - range.lowerBound)
            guard !overflow, sum <= size else { return .whole }
            total = sum
        }
        return .several(found)
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text
        while text.first == " " || text.first == "\t" { text.removeFirst() }
        while text.last == " " || text.last == "\t" { text.removeLast() }
        return text
    }
}
