// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import OCISpec

/// The path and query of a request, as they were sent.
///
/// The path is split at every slash and only then decoded, once; nothing is merged, removed or resolved, so that no two
/// readers can disagree on what it names.
package struct RequestTarget: Hashable, Sendable {
    /// The decoded segments after the leading slash; the last one is empty if the path ends with a slash.
    package let segments: [String]
    /// The longest target that is read, in bytes; it holds 46 tags of the greatest length.
    package static let lengthLimit = 8 << 10

    /// The decoded query in its own order; a name may occur several times.
    private let query: [(name: String, value: String)]

    /// Reads the request line's target; `nil` if it is not a path, an escape is broken, or the result is not UTF-8.
    package init?(_ target: String) {
        let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts[0].hasPrefix("/") else { return nil }
        var segments: [String] = []
        for segment in parts[0].dropFirst().split(separator: "/", omittingEmptySubsequences: false) {
            guard let decoded = PercentEncoding.decode(segment) else { return nil }
            segments.append(decoded)
        }
        guard let query = Self.pairs(parts.count > 1 ? parts[1] : "") else { return nil }
        self.segments = segments
        self.query = query
    }

    /// Reads the body of a form, in which a blank is written as a plus sign; `nil` if an escape is broken.
    ///
    /// - Source: URL standard, "application/x-www-form-urlencoded parsing".
    package init?(form: String) {
        guard let query = Self.pairs(Substring(form.replacing("+", with: "%20"))) else { return nil }
        segments = []
        self.query = query
    }

    private static func pairs(_ text: Substring) -> [(name: String, value: String)]? {
        var pairs: [(String, String)] = []
        for pair in text.split(separator: "&") {
            let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = PercentEncoding.decode(sides[0]),
                let value = sides.count > 1 ? PercentEncoding.decode(sides[1]) : ""
            else { return nil }
            pairs.append((name, value))
        }
        return pairs
    }

    /// The first value of a query parameter.
    package func parameter(_ name: String) -> String? { query.first { $0.name == name }?.value }

    /// All values of a query parameter.
    package func parameters(_ name: String) -> [String] { query.filter { $0.name == name }.map(\.value) }

    package static func == (left: Self, right: Self) -> Bool {
        left.segments == right.segments && left.query.elementsEqual(right.query) { $0 == $1 }
    }

    package func hash(into hasher: inout Hasher) { hasher.combine(segments) }
}
