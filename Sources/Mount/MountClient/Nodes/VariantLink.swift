// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

/// Link targets that depend on the node: `$(NAME)` and `$(NAME:-default)`.
///
/// - Source: cvmfs-format C.9.
package enum VariantLink {
    /// Expands variables; an unknown one without a default becomes nothing, an unclosed `$(` stays as it is.
    package static func expand(_ target: [UInt8], _ variables: [String: String]) -> [UInt8] {
        guard target.contains(UInt8(ascii: "$")) else { return target }
        var result: [UInt8] = []
        var rest = target[...]
        while let start = rest.firstIndex(of: UInt8(ascii: "$")) {
            result += rest[..<start]
            let after = rest.index(after: start)
            guard after < rest.endIndex, rest[after] == UInt8(ascii: "("),
                let end = rest[after...].firstIndex(of: UInt8(ascii: ")"))
            else {
                result.append(rest[start])
                rest = rest[after...]
                continue
            }
            result += value(of: rest[(after + 1)..<end], variables)
            rest = rest[(end + 1)...]
        }
        return result + rest
    }

    private static func value(of expression: ArraySlice<UInt8>, _ variables: [String: String]) -> [UInt8] {
        let text = String(decoding: expression, as: UTF8.self)
        guard let mark = expression.indices.first(where: { expression[$0...].starts(with: ":-".utf8) }) else {
            return Array((variables[text] ?? "").utf8)
        }
        let name = String(decoding: expression[..<mark], as: UTF8.self)
        return variables[name].map { Array($0.utf8) } ?? Array(expression[(mark + 2)...])
    }
}
