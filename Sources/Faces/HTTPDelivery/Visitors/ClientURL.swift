// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import HTTPTypes
package import Hummingbird

/// The URL under which a client reaches this server, for answers that must name it in full.
package struct ClientURL: Hashable, Sendable {
    /// `https://registry.example.org`, without a slash at the end.
    package let base: String

    /// What the configuration says, else what the request tells of itself; `isSecure` if the server speaks TLS.
    ///
    /// A proxy in front tells the scheme that the client used by a header. A client can write anything into these, but only
    /// it gets the answer.
    package init(_ request: Request, configured: String?, isSecure: Bool) {
        if let configured {
            base = configured.hasSuffix("/") ? String(configured.dropLast()) : configured
            return
        }
        let forwarded = HTTPField.Name("X-Forwarded-Proto").flatMap { request.headers[$0] }
        let isSecure = isSecure || forwarded?.lowercased() == "https"
        let host = request.head.authority.flatMap { Self.isHost($0) ? $0 : nil } ?? "localhost"
        base = (isSecure ? "https://" : "http://") + host
    }

    /// The text goes into a quoted string of a header.
    private static func isHost(_ text: String) -> Bool {
        (1...300).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"),
                    UInt8(ascii: "_"),
                    UInt8(ascii: ":"), UInt8(ascii: "["), UInt8(ascii: "]"):
                    true
                default: false
                }
            }
    }
}
