// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import HTTPDelivery

/// A host and a port to listen on: `127.0.0.1:5000`, `[::1]:5000`, `localhost:5000`.
package struct ListenAddress: Hashable, Sendable, CustomStringConvertible, LosslessStringConvertible {
    /// Without brackets.
    package var host: String
    package var port: Int

    package static let standard = ListenAddress(host: "127.0.0.1", port: 5000)

    /// Joins the two.
    package init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    /// Reads the text form; an IPv6 address needs brackets.
    ///
    /// Else `nil`.
    package init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]) else {
            return nil
        }
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
        } else if host.contains(":") {
            return nil
        }
        guard !host.isEmpty else { return nil }
        self.init(host: String(host), port: Int(port))
    }

    package var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

    /// Whether only this machine can reach the address.
    package var isLoopback: Bool { AnonymousWriteRule.isLoopbackHost(description) }
}
