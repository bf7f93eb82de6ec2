// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import HTTPTypes
internal import Hummingbird
internal import Logging

/// The number by which a request is known in the log, in the answer, and to the proxy that may have given it.
enum RequestIdentity {
    /// Under this key the server's library keeps the number in the logger of each request, and makes one.
    static let libraryKey = "hb.request.id"

    /// The header in both directions.
    static let header: HTTPField.Name = {
        guard let name = HTTPField.Name("X-Request-Id") else { preconditionFailure("not a header name") }
        return name
    }()

    /// The number that a client or proxy gives, if it is fit for a log: up to 128 letters, digits and `-_.:+/=@`.
    static func given(by request: HTTPRequest) -> String? {
        guard let text = request.headerFields[header], (1...128).contains(text.utf8.count) else { return nil }
        let isSane = text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"),
                UInt8(ascii: "."),
                UInt8(ascii: ":"), UInt8(ascii: "+"), UInt8(ascii: "/"), UInt8(ascii: "="), UInt8(ascii: "@"):
                true
            default: false
            }
        }
        return isSane ? text : nil
    }
}
