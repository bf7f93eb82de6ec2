// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

import HTTPDelivery
import HTTPTypes
import Hummingbird
import NIOCore
import Testing

@Suite struct VisitorTests {
    private func request(_ headers: [(String, String)], authority: String? = "registry.example.org")
        -> Request
    {
        var fields = HTTPFields()
        for (name, value) in headers {
            guard let name = HTTPField.Name(name) else { continue }
            fields.append(HTTPField(name: name, value: value))
        }
        let head = HTTPRequest(
            method: .get,
            scheme: nil,
            authority: authority,
            path: "/",
            headerFields: fields
        )
        return Request(head: head, body: .init(buffer: ByteBuffer()))
    }

    @Test(
        "credentials are read from the header, and what nobody understands is malformed",
        arguments: [
            (nil, RequestCredentials.none), ("Basic YTpi", .basic(name: "a", secret: "b")),
            ("basic YTpiOmM=", .basic(name: "a", secret: "b:c")), ("Bearer abc", .bearer("abc")),
            ("BEARER  abc", .bearer("abc")), ("Basic Og==", .basic(name: "", secret: "")), ("", .malformed),
            ("Basic", .malformed), ("Basic YQ==", .malformed), ("Basic /w==", .malformed),
            ("Negotiate x", .malformed),
        ] as [(String?, RequestCredentials)]
    )
    func credentials(header: String?, expected: RequestCredentials) {
        #expect(RequestCredentials(header: header) == expected)
    }

    @Test("the server's URL is the configured one, else what the request tells")
    func url() {
        func base(_ headers: [(String, String)] = [], _ configured: String? = nil, secure: Bool = false)
            -> String
        {
            ClientURL(request(headers), configured: configured, isSecure: secure).base
        }
        #expect(base() == "http://registry.example.org")
        #expect(base(secure: true) == "https://registry.example.org")
        #expect(base([("X-Forwarded-Proto", "https")]) == "https://registry.example.org")
        #expect(
            base([("X-Forwarded-Proto", "http")], "https://other.example.org/") == "https://other.example.org"
        )
        let hostile = ClientURL(request([], authority: "a\"b"), configured: nil, isSecure: false)
        #expect(hostile.base == "http://localhost")
    }

    @Test(
        "the client's address is the last one that no trusted proxy has",
        arguments: [
            ("192.0.2.9", [String](), "192.0.2.9"), ("192.0.2.9", ["198.51.100.1"], "192.0.2.9"),
            ("127.0.0.1", ["198.51.100.1"], "198.51.100.1"), ("::1", ["198.51.100.1"], "198.51.100.1"),
            ("::ffff:127.0.0.1", ["198.51.100.1"], "198.51.100.1"),
            ("127.0.0.1", ["203.0.113.5, 198.51.100.1"], "198.51.100.1"),
            ("127.0.0.1", ["198.51.100.1, 10.1.2.3"], "198.51.100.1"),
            ("127.0.0.1", ["198.51.100.1", "10.1.2.3"], "198.51.100.1"),
            ("127.0.0.1", ["10.1.2.3"], "10.1.2.3"),
            ("127.0.0.1", ["nonsense"], "127.0.0.1"), ("127.0.0.1", ["1.2.3.4, nonsense"], "127.0.0.1"),
            ("127.0.0.1", [], "127.0.0.1"),
        ]
    )
    func address(peer: String, forwarded: [String], expected: String) throws {
        let proxies = try #require(TrustedProxies("127.0.0.0/8, ::1,10.0.0.0/8"))
        let request = request(forwarded.map { ("X-Forwarded-For", $0) })
        #expect(proxies.client(request, peer: peer) == expected)
    }

    @Test("networks are compared bit by bit, and what is none is refused")
    func networks() throws {
        let proxies = try #require(TrustedProxies("192.0.2.128/25,2001:db8::/33"))
        let request = request([("X-Forwarded-For", "203.0.113.1")])
        for (peer, isTrusted) in [
            ("192.0.2.128", true), ("192.0.2.127", false), ("2001:db8:7fff::1", true),
            ("2001:db8:8000::1", false),
        ] {
            #expect((proxies.client(request, peer: peer) == "203.0.113.1") == isTrusted, "\(peer)")
        }
        for text in ["x", "1.2.3.4/33", "1.2.3.4/-1", "::1/129", "1.2.3.4/8/9", "1.2.3"] {
            #expect(TrustedProxies(text) == nil, "\(text)")
        }
        #expect(TrustedProxies("")?.client(request, peer: "127.0.0.1") == "127.0.0.1")
    }
}
