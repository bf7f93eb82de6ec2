// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

/// Comparison of entity tags in conditional requests.
///
/// - Source: RFC 9110, sections 8.8.3 and 13.1.2.
package enum EntityTag {
    /// Whether a list of entity tags, as in `If-None-Match`, names `tag`; quotes may be missing, as in old clients.
    package static func list(_ header: String, names tag: String) -> Bool {
        header.split(separator: ",").contains { element in
            var text = element.drop { $0 == " " }
            while text.last == " " { text.removeLast() }
            if text == "*" { return true }
            if text.hasPrefix("W/") { text = text.dropFirst(2) }
            if text.hasPrefix("\""), text.hasSuffix("\""), text.count >= 2 {
                text = text.dropFirst().dropLast()
            }
            return text == tag
        }
    }
}
