// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

import Digests
import OCISpec
import Testing

@Suite struct NameTests {
    @Test(
        "a well-formed repository name is accepted",
        arguments: [
            "a", "0", "team/app", "a.b", "a_b", "a__b", "a-b", "a---b", "a/b/c/d", "blobs/uploads",
            "manifests/tags/list",
            String(repeating: "a", count: 255),
        ]
    )
    func goodName(text: String) {
        #expect(RepositoryName(text)?.description == text)
    }

    @Test(
        "a malformed repository name is refused",
        arguments: [
            "", "/", "a/", "/a", "a//b", "A", "a/B", ".a", "a.", "-a", "a-", "_a", "a..b", "a___b", "a._b",
            "a/../b", "..",
            "a b", "ä", "a\u{0}", "a:b", "a@b", String(repeating: "a", count: 256),
        ]
    )
    func badName(text: String) {
        #expect(RepositoryName(text) == nil)
    }

    @Test(
        "a tag has 1 to 128 characters and starts with a letter, digit or underscore",
        arguments: [
            ("latest", true), ("_", true), ("1.2-rc_3", true), (String(repeating: "x", count: 128), true),
            ("", false), (".x", false), ("-x", false), ("a/b", false), ("a:b", false), ("a b", false),
            (String(repeating: "x", count: 129), false),
        ]
    )
    func tag(text: String, isGood: Bool) {
        #expect((TagName(text) != nil) == isGood)
    }

    @Test(
        "a reference is normalised as container tools do it",
        arguments: [
            ("alpine", "docker.io/library/alpine:latest"),
            ("alpine:3", "docker.io/library/alpine:3"),
            ("team/app", "docker.io/team/app:latest"),
            ("index.docker.io/alpine", "docker.io/library/alpine:latest"),
            ("localhost/app", "localhost/app:latest"),
            ("127.0.0.1:5000/app:1", "127.0.0.1:5000/app:1"),
            ("[::1]:5000/a/b", "[::1]:5000/a/b:latest"),
            ("registry.example.org/a/b:2", "registry.example.org/a/b:2"),
        ]
    )
    func normalisation(text: String, expected: String) throws {
        #expect(try ImageReference(text).description == expected)
    }

    @Test("a digest stands for the tag that was not written")
    func digestReference() throws {
        let digest = "sha256:" + String(repeating: "0", count: 64)
        let plain = try ImageReference("host:1/app@\(digest)")
        #expect(plain.tag == nil)
        #expect(plain.digest?.description == digest)
        #expect(try ImageReference("host:1/app:x@\(digest)").tag?.description == "x")
    }

    @Test(
        "what is no reference is refused",
        arguments: ["", ":", "a:", "host:5000/", "UPPER", "a@sha256:1", "ho st.x/a", "a/b:c:d"]
    )
    func badReference(text: String) {
        #expect(throws: OCIProblem.self) { try ImageReference(text) }
    }
}
