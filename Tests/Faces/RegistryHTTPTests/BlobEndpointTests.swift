// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

import Digests
import HTTPTypes
import HummingbirdTesting
import NIOCore
import RegistryHTTP
import Synchronization
import Testing

@Suite struct BlobEndpointTests {
    private static let unknown = "sha256:" + String(repeating: "0", count: 64)

    @Test("a blob goes in by POST, PUT or pieces, and comes out the same")
    func upload() async throws {
        try await RegistryHarbour.open { harbour in
            let single = try await harbour.push("one request")
            #expect(try await harbour.send(.get, "/v2/a/b/blobs/\(single)").text == "one request")

            let digest = OCIDigest(of: Array("one two three".utf8))
            let start = try await harbour.send(.post, "/v2/a/b/blobs/uploads/")
            #expect(start.status == .accepted)
            #expect(start.headers[.range] == "0-0")
            let location = try #require(start.headers[.location])
            #expect(location.hasPrefix("/v2/a/b/blobs/uploads/"))
            let first = try await harbour.send(
                .patch,
                location,
                headers: [.contentRange: "0-3"],
                body: "one "
            )
            #expect(first.status == .accepted)
            #expect(first.headers[.range] == "0-3")
            let second = try await harbour.send(.patch, location, body: "two ")
            #expect(second.headers[.range] == "0-7")
            let status = try await harbour.send(.get, location)
            #expect(status.status == .noContent)
            #expect(status.headers[.range] == "0-7")
            let end = try await harbour.send(.put, location + "?digest=\(digest)", body: "three")
            #expect(end.status == .created)
            #expect(end.headers[.location] == "/v2/a/b/blobs/\(digest)")
            #expect(end.header("Docker-Content-Digest") == digest.description)
            #expect(try await harbour.send(.get, "/v2/a/b/blobs/\(digest)").text == "one two three")
            // The answer may have been lost: the same request again succeeds.
            #expect(try await harbour.send(.put, location + "?digest=\(digest)").status == .created)
            #expect(try await harbour.send(.get, location).status == .notFound)
        }
    }

    @Test("an empty blob and a SHA-512 digest are as good as any")
    func uncommon() async throws {
        try await RegistryHarbour.open { harbour in
            #expect(try await harbour.send(.get, "/v2/a/b/blobs/\(harbour.push(""))").status == .ok)
            let digest = OCIDigest(.sha512, of: Array("x".utf8))
            let response = try await harbour.send(.post, "/v2/a/b/blobs/uploads/?digest=\(digest)", body: "x")
            #expect(response.status == .created)
            #expect(try await harbour.send(.get, "/v2/a/b/blobs/\(digest)").text == "x")
        }
    }

    @Test("a piece out of order changes nothing, and the client learns where to go on")
    func order() async throws {
        try await RegistryHarbour.open { harbour in
            let location = try #require(
                try await harbour.send(.post, "/v2/a/b/blobs/uploads/").headers[.location]
            )
            _ = try await harbour.send(.patch, location, headers: [.contentRange: "0-2"], body: "abc")
            for range in ["0-2", "5-7"] {
                let response = try await harbour.send(
                    .patch,
                    location,
                    headers: [.contentRange: range],
                    body: "xyz"
                )
                #expect(response.status == .rangeNotSatisfiable)
                #expect(response.headers[.range] == "0-2")
                #expect(response.headers[.location] == location)
            }
            let short = try await harbour.send(.patch, location, headers: [.contentRange: "3-9"], body: "xyz")
            #expect(short.status == .badRequest)
            #expect(short.text.contains("SIZE_INVALID"))
            #expect(try await harbour.send(.get, location).headers[.range] == "0-2")
        }
    }

    @Test("a content that does not match its digest is refused and forgotten")
    func mismatch() async throws {
        try await RegistryHarbour.open { harbour in
            let location = try #require(
                try await harbour.send(.post, "/v2/a/b/blobs/uploads/").headers[.location]
            )
            let response = try await harbour.send(.put, location + "?digest=\(Self.unknown)", body: "abc")
            #expect(response.status == .badRequest)
            #expect(response.text.contains("DIGEST_INVALID"))
            #expect(try await harbour.send(.get, location).status == .notFound)
            #expect(try await harbour.send(.head, "/v2/a/b/blobs/\(Self.unknown)").status == .notFound)
            for digest in ["", "sha256:xyz", "md5:d41d8cd98f00b204e9800998ecf8427e"] {
                let uri = "/v2/a/b/blobs/uploads/?digest=\(digest)"
                #expect(try await harbour.send(.post, uri, body: "abc").status == .badRequest)
            }
        }
    }

    @Test("an upload is cancelled once, and belongs to its repository")
    func cancel() async throws {
        try await RegistryHarbour.open { harbour in
            let location = try #require(
                try await harbour.send(.post, "/v2/a/b/blobs/uploads/").headers[.location]
            )
            let other = location.replacing("/v2/a/b/", with: "/v2/c/")
            #expect(try await harbour.send(.delete, other).status == .notFound)
            #expect(try await harbour.send(.delete, location).status == .noContent)
            #expect(try await harbour.send(.delete, location).status == .notFound)
            #expect(try await harbour.send(.patch, location, body: "x").text.contains("BLOB_UPLOAD_UNKNOWN"))
        }
    }

    @Test("a blob is mounted from where it is, and uploaded where it is not")
    func mount() async throws {
        try await RegistryHarbour.open { harbour in
            let digest = try await harbour.push("shared", to: "source")
            #expect(try await harbour.send(.get, "/v2/target/blobs/\(digest)").status == .notFound)
            let uri = "/v2/target/blobs/uploads/?mount="
            let mounted = try await harbour.send(.post, uri + "\(digest)&from=source")
            #expect(mounted.status == .created)
            #expect(mounted.headers[.location] == "/v2/target/blobs/\(digest)")
            #expect(try await harbour.send(.get, "/v2/target/blobs/\(digest)").text == "shared")
            for query in [
                "\(Self.unknown)&from=source", "\(digest)&from=nowhere", "\(digest)&from=A%2F",
                "x&from=source",
            ] {
                let response = try await harbour.send(.post, uri + query)
                #expect(response.status == .accepted, "\(query)")
                #expect(response.headers[.location]?.contains("/uploads/") == true)
            }
        }
    }

    @Test(
        "parts of a blob are sent by range",
        arguments: [
            ("bytes=2-4", 206, "234", "bytes 2-4/10"), ("bytes=7-", 206, "789", "bytes 7-9/10"),
            ("bytes=-2", 206, "89", "bytes 8-9/10"), ("bytes=8-99", 206, "89", "bytes 8-9/10"),
            ("bytes=4-2", 416, "", "bytes */10"), ("bytes=10-", 416, "", "bytes */10"),
            ("bytes=1-9,0-5", 200, "0123456789", nil), ("x", 200, "0123456789", nil),
        ] as [(String, Int, String, String?)]
    )
    func ranges(header: String, status: Int, text: String, contentRange: String?) async throws {
        try await RegistryHarbour.open { harbour in
            let digest = try await harbour.push("0123456789")
            let response = try await harbour.send(.get, "/v2/a/b/blobs/\(digest)", headers: [.range: header])
            #expect(response.status.code == status)
            #expect(response.text == text)
            #expect(response.headers[.contentRange] == contentRange)
        }
    }

    @Test("a server that is about to end begins no upload, and goes on with those it has")
    func closing() async throws {
        let isClosing = Mutex(false)
        try await RegistryHarbour.open(RegistryPolicy(isClosing: { isClosing.withLock { $0 } })) { harbour in
            let place = try #require(
                try await harbour.send(.post, "/v2/a/b/blobs/uploads/").headers[.location]
            )
            isClosing.withLock { $0 = true }
            let refused = try await harbour.send(.post, "/v2/a/b/blobs/uploads/")
            #expect(refused.status == .serviceUnavailable)
            #expect(refused.headers[.retryAfter] == "1")
            #expect(refused.text.contains("UNAVAILABLE"))
            #expect(try await harbour.send(.patch, place, body: "x").status == .accepted)
            let digest = OCIDigest(of: Array("x".utf8))
            #expect(try await harbour.send(.put, "\(place)?digest=\(digest)").status == .created)
        }
    }

    @Test("several ranges come as parts, each with its place, in the order of the request")
    func severalRanges() async throws {
        try await RegistryHarbour.open { harbour in
            let digest = try await harbour.push("0123456789")
            let headers: HTTPFields = [.range: "bytes=7-, 1-2,99-"]
            let response = try await harbour.send(.get, "/v2/a/b/blobs/\(digest)", headers: headers)
            #expect(response.status == .partialContent)
            let type = try #require(response.headers[.contentType])
            let boundary = try #require(type.split(separator: "boundary=").last)
            let part = "--\(boundary)\r\nContent-Type: application/octet-stream\r\nContent-Range: bytes "
            #expect(
                response.text
                    == "\(part)7-9/10\r\n\r\n789\r\n\(part)1-2/10\r\n\r\n12\r\n--\(boundary)--\r\n"
            )
            #expect(response.headers[.contentLength] == "\(response.text.utf8.count)")
        }
    }

    @Test("a client that has the blob already is told so")
    func conditions() async throws {
        try await RegistryHarbour.open { harbour in
            let digest = try await harbour.push("0123456789")
            let uri = "/v2/a/b/blobs/\(digest)"
            let head = try await harbour.send(.head, uri)
            #expect(head.headers[.contentLength] == "10")
            #expect(head.headers[.eTag] == "\"\(digest)\"")
            #expect(head.header("Docker-Content-Digest") == digest.description)
            for tag in ["\"\(digest)\"", "\(digest)", "*"] {
                #expect(
                    try await harbour.send(.get, uri, headers: [.ifNoneMatch: tag]).status == .notModified
                )
            }
            let part: HTTPFields = [.range: "bytes=0-1", .ifRange: "\"\(digest)\""]
            #expect(try await harbour.send(.get, uri, headers: part).text == "01")
            let stale: HTTPFields = [.range: "bytes=0-1", .ifRange: "\"other\""]
            #expect(try await harbour.send(.get, uri, headers: stale).status == .ok)
        }
    }

    @Test("a blob is deleted unless a manifest needs it")
    func delete() async throws {
        try await RegistryHarbour.open { harbour in
            let free = try await harbour.push("free")
            #expect(try await harbour.send(.delete, "/v2/a/b/blobs/\(free)").status == .accepted)
            #expect(try await harbour.send(.delete, "/v2/a/b/blobs/\(free)").status == .notFound)
            #expect(try await harbour.send(.head, "/v2/a/b/blobs/\(free)").status == .notFound)
            _ = try await harbour.pushImage("1", layer: "needed")
            let needed = OCIDigest(of: Array("needed".utf8))
            #expect(try await harbour.send(.delete, "/v2/a/b/blobs/\(needed)").status == .methodNotAllowed)
        }
    }

    @Test("every change is refused to strangers, and reading is not")
    func strangers() async throws {
        try await RegistryHarbour.open { harbour in
            let digest = try await harbour.push("x")
            let headers: HTTPFields = [.origin: "http://evil.example"]
            let changes: [(HTTPRequest.Method, String)] = [
                (.post, "/v2/a/b/blobs/uploads/"), (.put, "/v2/a/b/manifests/1"),
                (.delete, "/v2/a/b/manifests/1"),
                (.delete, "/v2/a/b/blobs/\(digest)"), (.patch, "/v2/a/b/blobs/uploads/x"),
                (.put, "/v2/a/b/blobs/uploads/x"),
                (.delete, "/v2/a/b/blobs/uploads/x"),
            ]
            for (method, uri) in changes {
                let response = try await harbour.send(method, uri, headers: headers, body: "x")
                #expect(response.status == .forbidden, "\(method) \(uri)")
                #expect(response.text.contains("\"DENIED\""))
            }
            #expect(try await harbour.send(.get, "/v2/a/b/blobs/\(digest)", headers: headers).text == "x")
        }
    }
}
