// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import AccessControl
internal import Foundation
internal import HTTPTypes
internal import Hummingbird
internal import IdentityProviders
internal import MetadataStore

/// The token service's answer, in the words of both protocols.
struct TokenAnswer {
    private let text: String

    /// - Parameters:
    ///   - issued: the token.
    ///   - scopes: what it is good for.
    ///   - refreshToken: for a client that asked for one.
    init(_ issued: TokenAuthority.Issued, scopes: [TokenScope], refreshToken: String?) {
        let scope = scopes.map(\.description).joined(separator: " ")
        var members = [
            "\"token\":\"\(issued.token)\"", "\"access_token\":\"\(issued.token)\"",
            "\"expires_in\":\(issued.lifetime.components.seconds)",
            "\"issued_at\":\"\(Self.time(issued.at))\"", "\"scope\":\(JSONText.quote(scope))",
        ]
        if let refreshToken { members.append("\"refresh_token\":\(JSONText.quote(refreshToken))") }
        text = "{" + members.joined(separator: ",") + "}"
    }

    var response: Response {
        Response(
            status: .ok,
            headers: [.contentType: "application/json", .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: text))
        )
    }

    /// With fractions of a second: there are clients that take no other form.
    private static func time(_ moment: Timestamp) -> String {
        Date(timeIntervalSince1970: Double(moment.millisecondsSince1970) / 1_000)
            .formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
    }
}
