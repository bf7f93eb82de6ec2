// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HTTPFetching
import Testing

@Suite struct AuthorizationTests {
    @Test("a name with a secret is basic, anything else a bearer token", arguments: 0..<40)
    func forms(length: Int) throws {
        let secret = "bob:" + String(repeating: "ä§x", count: length).prefix(length)
        let basic = try #require(Authorization(file: Array((secret + "\n").utf8)))
        #expect(basic.header == "Basic " + Data(secret.utf8).base64EncodedString())
        let bearer = try #require(Authorization(file: Array("abc.def-_\r\n".utf8)))
        #expect(bearer.header == "Bearer abc.def-_")
    }

    @Test(
        "what cannot stand in a header is refused",
        arguments: ["", "\n", "a\nb:c", "a\0:b", "to ken", "tokän"]
    )
    func refusal(content: String) {
        #expect(Authorization(file: Array(content.utf8)) == nil)
    }

    @Test(
        "credentials go over TLS, or directly to this machine",
        arguments: [
            ("https://registry.example.org/x", true, true), ("https://registry.example.org/x", false, true),
            ("http://127.0.0.1:5000/x", false, true), ("http://127.0.0.1:5000/x", true, false),
            ("http://localhost/x", false, true), ("http://[::1]:5000/x", false, true),
            ("http://registry.example.org/x", false, false), ("http://127.0.0.1.example.org/x", false, false),
            ("http://127.0.0.1@example.org/x", false, false), ("http://localhost.example.org/", false, false),
            ("http://10.0.0.1/", false, false), ("file:///etc/passwd", false, false),
        ]
    )
    func destinations(url: String, throughProxy: Bool, isSent: Bool) throws {
        let authorization = try #require(Authorization(file: Array("a:b".utf8)))
        #expect(authorization.isForServer(at: url, throughProxy: throughProxy) == isSent)
    }
}
