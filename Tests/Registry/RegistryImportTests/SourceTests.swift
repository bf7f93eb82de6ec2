// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

import Digests
import Foundation
import RegistryImport
import TestSupport
import Testing

@Suite struct SourceTests {
    private static let digest = OCIDigest(of: Array("x".utf8))
    private static let root = "tree/docker/registry/v2"

    /// Writes a repository of a Distribution tree with one tag.
    private func writeTag(_ tag: String, _ link: String, of name: String, in scope: TestScope) throws {
        let manifests = "\(Self.root)/repositories/\(name)/_manifests"
        try scope.write(Array(link.utf8), to: "\(manifests)/tags/\(tag)/current/link")
    }

    @Test(
        "a tree is found at its root or anywhere below it up to v2",
        arguments: ["", "/docker", "/docker/registry/v2"]
    )
    func places(below: String) async throws {
        try await TestScope.run { scope in
            try writeTag("1", "\(Self.digest)", of: "team/app", in: scope)
            let tree = try DistributionTree(scope.path("tree") + below)
            let repository = try #require(try tree.repositories().first)
            #expect(repository.name == "team/app")
            #expect(try tree.contents(of: repository).tags.map(\.name) == ["1"])
            #expect(tree.path(of: Self.digest, in: repository).hasSuffix("/\(Self.digest.encoded)/data"))
        }
    }

    @Test(
        "a link that holds no digest is refused by name",
        arguments: ["", "sha256:abc", "md5:00", "../../etc/passwd", String(repeating: "a", count: 5000)]
    )
    func badLinks(link: String) async throws {
        try await TestScope.run { scope in
            try writeTag("bad", link, of: "a", in: scope)
            try writeTag("good", "\(Self.digest)\n", of: "a", in: scope)
            let tree = try DistributionTree(scope.path("tree"))
            let contents = try tree.contents(of: try #require(try tree.repositories().first))
            #expect(contents.tags.map(\.name) == ["good"])
            #expect(contents.refusals.map(\.subject) == ["tag bad"])
        }
    }

    @Test("links of directories that go in circles end")
    func loops() async throws {
        try await TestScope.run { scope in
            try writeTag("1", "\(Self.digest)", of: "a", in: scope)
            let loop = scope.path("\(Self.root)/repositories/a/again")
            try FileManager.default.createSymbolicLink(atPath: loop, withDestinationPath: "..")
            let found = try DistributionTree(scope.path("tree")).repositories()
            #expect(found.count < 200)
            #expect(found.contains { $0.name == "a" })
        }
    }

    @Test(
        "layouts are found at any depth, and their tags in whatever form",
        arguments: ["1.0", "example.org/a/b:1.0"]
    )
    func layouts(reference: String) async throws {
        try await TestScope.run { scope in
            let entry = """
                {"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"\(Self.digest)","size":1,
                "annotations":{"org.opencontainers.image.ref.name":"\(reference)"}}
                """
            try scope.write(Array(#"{"imageLayoutVersion":"1.0.0"}"#.utf8), to: "zot/team/app/oci-layout")
            try scope.write(
                Array("{\"schemaVersion\":2,\"manifests\":[\(entry)]}".utf8),
                to: "zot/team/app/index.json"
            )
            try scope.write([], to: "zot/_trivy/db")
            let tree = try LayoutTree(scope.path("zot"), name: nil)
            let repository = try #require(tree.repositories().first)
            #expect(tree.repositories().map(\.name) == ["team/app"])
            #expect(try tree.contents(of: repository).tags.map(\.name) == ["1.0"])
            let single = try LayoutTree(scope.path("zot/team/app"), name: "other/name")
            #expect(single.repositories().map(\.name) == ["other/name"])
            #expect(throws: ImportProblem.self) { try LayoutTree(scope.path("zot"), name: "one") }
        }
    }

    @Test(
        "an index that is broken is refused, and nothing else happens",
        arguments: ["", "{", "[]", #"{"schemaVersion":1}"#]
    )
    func brokenIndex(text: String) async throws {
        try await TestScope.run { scope in
            try scope.write([], to: "l/oci-layout")
            try scope.write(Array(text.utf8), to: "l/index.json")
            let tree = try LayoutTree(scope.path("l"), name: nil)
            let contents = try tree.contents(of: try #require(tree.repositories().first))
            #expect(contents.tags.isEmpty && contents.manifests.isEmpty)
            #expect(contents.refusals.map(\.subject) == ["index.json"])
        }
    }

    @Test("what is no source is refused", arguments: ["nothing", "file"])
    func noSource(name: String) async throws {
        try await TestScope.run { scope in
            try scope.write([], to: "file")
            #expect(throws: ImportProblem.self) { try DistributionTree(scope.path(name)) }
            #expect(throws: ImportProblem.self) { try LayoutTree(scope.path(name), name: nil) }
        }
    }
}
