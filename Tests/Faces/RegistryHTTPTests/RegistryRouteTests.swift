// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

import OCISpec
import RegistryHTTP
import Testing

@Suite struct RegistryRouteTests {
    private func route(_ path: String) throws -> RegistryRoute? {
        try RegistryRoute(
            segments: path.split(separator: "/", omittingEmptySubsequences: false).map { String($0) }
        )
    }

    @Test("paths are read from the right, as a repository may be called anything")
    func routes() throws {
        let name = { (text: String) in try #require(RepositoryName(text)) }
        #expect(try route("") == .ping)
        #expect(try route("_catalog") == .catalog)
        #expect(try route("a/tags/list") == .tags(name("a")))
        #expect(try route("x/manifests/tags/list") == .tags(name("x/manifests")))
        #expect(try route("a/blobs/uploads/") == .uploads(name("a")))
        #expect(try route("a/blobs/uploads") == .uploads(name("a")))
        #expect(try route("a/blobs/uploads/x") == .upload(name("a"), id: "x"))
        #expect(try route("a/blobs/uploads/blobs/uploads/") == .uploads(name("a/blobs/uploads")))
        #expect(
            try route("a/blobs/uploads/manifests/x") == .manifest(name("a/blobs/uploads"), reference: "x")
        )
        #expect(try route("a/blobs/sha256:x") == .blob(name("a"), digest: "sha256:x"))
        #expect(try route("blobs/blobs/x") == .blob(name("blobs"), digest: "x"))
        #expect(
            try route("manifests/manifests/manifests") == .manifest(name("manifests"), reference: "manifests")
        )
        #expect(try route("a/b/referrers/x") == .referrers(name("a/b"), digest: "x"))
    }

    @Test(
        "what is no route is none",
        arguments: ["a", "a/b", "a/tags", "a/tags/lists", "_oci/ext", "a/blobs/x/y"]
    )
    func unknown(path: String) throws {
        #expect(try route(path) == nil)
    }

    @Test(
        "a malformed repository name is named as such",
        arguments: [
            "A/tags/list", "a//tags/list", "../manifests/x", "a/../b/blobs/x", "/manifests/x", "manifests/x",
        ]
    )
    func badName(path: String) {
        let problem = #expect(throws: OCIProblem.self) { try route(path) }
        #expect(problem?.code == .invalidName)
    }
}
