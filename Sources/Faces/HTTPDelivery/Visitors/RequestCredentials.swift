// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import Foundation

/// What a request says about who sends it.
package enum RequestCredentials: Hashable, Sendable {
    case none
    case basic(name: String, secret: String)
    case bearer(String)
    /// An `Authorization` header that nobody understands.
    case malformed

    /// Reads the value of an `Authorization` header.
    ///
    /// - Source: RFC 7617, section 2; RFC 6750, section 2.1.
    package init(header: String?) {
        guard let header else {
            self = .none
            return
        }
        let parts = header.split(separator: " ", maxSplits: 1)
        guard parts.count == 2 else {
            self = .malformed
            return
        }
        let value = parts[1].drop { $0 == " " }
        switch parts[0].lowercased() {
        case "bearer": self = .bearer(String(value))
        case "basic": self = Self.basic(value) ?? .malformed
        default: self = .malformed
        }
    }

    private static func basic(_ value: Substring) -> RequestCredentials? {
        guard value.utf8.count <= 8 << 10, let data = Data(base64Encoded: String(value)),
            let text = String(validating: data, as: UTF8.self), let colon = text.firstIndex(of: ":")
        else { return nil }
        return .basic(name: String(text[..<colon]), secret: String(text[text.index(after: colon)...]))
    }
}
