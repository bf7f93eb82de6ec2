// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOPosix
import RepositoryHTTP
import TestSupport
import Testing

@Suite struct RepositoryResponderTests {
    private static let object = "data/0f/" + String(repeating: "a", count: 38)

    private func serve(_ body: @escaping @Sendable (any TestClientProtocol) async throws -> Void) async throws
    {
        try await TestScope.run { scope in
            try scope.write(Array("Cabc\nT1700000000\n--\nx".utf8), to: "r.example.org/.cvmfspublished")
            try scope.write(Array("0123456789".utf8), to: "r.example.org/\(Self.object)")
            try scope.write(Array("secret".utf8), to: "r.example.org/data/0f/tmp")
            let manifests = ManifestFiles(directory: scope.directory, threads: .singleton)
            let responder = RepositoryResponder(
                directory: scope.directory,
                manifests: manifests,
                notices: NoticeResponder(ManifestFeed(manifests, limit: 0)),
                threads: .singleton
            )
            try await Application(responder: responder).test(.live) { try await body($0) }
        }
    }

    @Test("the manifest is served with its signed time and not sent twice")
    func manifest() async throws {
        try await serve { client in
            let uri = "/cvmfs/r.example.org/.cvmfspublished"
            let response = try await client.execute(uri: uri, method: .get)
            #expect(String(buffer: response.body).hasPrefix("Cabc"))
            #expect(response.headers[.lastModified] == "Tue, 14 Nov 2023 22:13:20 GMT")
            let tag = try #require(response.headers[.eTag])
            let conditions: [HTTPFields] = [
                [.ifNoneMatch: tag], [.ifModifiedSince: "Tue, 14 Nov 2023 22:13:20 GMT"],
            ]
            for headers in conditions {
                let again = try await client.execute(uri: uri, method: .get, headers: headers)
                #expect(again.status == .notModified)
                #expect(again.body.readableBytes == 0)
            }
            let head = try await client.execute(uri: uri, method: .head)
            #expect(head.headers[.contentLength] == "21")
        }
    }

    @Test("an object is served whole, in part and not at all")
    func object() async throws {
        try await serve { client in
            let uri = "/cvmfs/r.example.org/\(Self.object)"
            let whole = try await client.execute(uri: uri, method: .get, headers: [.acceptEncoding: "gzip"])
            #expect(String(buffer: whole.body) == "0123456789")
            #expect(whole.headers[.contentEncoding] == nil)
            #expect(whole.headers[.cacheControl] == "public, max-age=259200, immutable, no-transform")
            let part = try await client.execute(uri: uri, method: .get, headers: [.range: "bytes=3-5"])
            #expect(part.status == .partialContent)
            #expect(String(buffer: part.body) == "345")
            let known = try #require(whole.headers[.eTag])
            let again = try await client.execute(uri: uri, method: .get, headers: [.ifNoneMatch: known])
            #expect(again.status == .notModified)
        }
    }

    @Test(
        "what is not there, or not to be seen, is not found and not cached",
        arguments: [
            "/cvmfs/r.example.org/data/0f/tmp", "/cvmfs/r.example.org/data/", "/cvmfs/r.example.org/",
            "/cvmfs/r.example.org",
            "/cvmfs/../r.example.org/.cvmfspublished",
            "/cvmfs/r.example.org/data/00/" + String(repeating: "0", count: 38),
            "/cvmfs/other/.cvmfspublished", "/cvmfs/r.example.org%2F.cvmfspublished",
            "/cvmfs/r.example.org/%2Ecvmfs",
        ]
    )
    func missing(uri: String) async throws {
        try await serve { client in
            let response = try await client.execute(uri: uri, method: .get)
            #expect(response.status == .notFound)
            #expect(response.headers[.cacheControl] == "no-store")
        }
    }

    @Test("a repository is only read")
    func readOnly() async throws {
        try await serve { client in
            let response = try await client.execute(uri: "/cvmfs/r.example.org/.cvmfspublished", method: .put)
            #expect(response.status == .methodNotAllowed)
        }
    }

    @Test("public keys are handed out to this machine, private ones to nobody")
    func keys() async throws {
        try await TestScope.run { scope in
            try scope.write(Array("public".utf8), to: "r.example.org.pub")
            try scope.write(Array("private".utf8), to: "r.example.org.masterkey")
            let responder = KeyResponder(directory: scope.directory, threads: .singleton)
            try await Application(responder: responder).test(.live) { client in
                let key = try await client.execute(uri: "/keys/r.example.org.pub", method: .get)
                #expect(String(buffer: key.body) == "public")
                for name in [
                    "r.example.org.masterkey", "../r.example.org.pub", ".pub", "x/r.example.org.pub",
                ] {
                    #expect(try await client.execute(uri: "/keys/\(name)", method: .get).status == .notFound)
                }
            }
        }
    }
}
