// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

/// The programs that people use, against the program that they run.
@Suite(.serialized) struct ClientTests {
    @Test(
        "what skopeo pushes it pulls back byte for byte",
        .enabled(if: Tool.find("skopeo") != nil, "needs skopeo")
    )
    func skopeo() async throws {
        try await TestScope.run { scope in
            let server = try await TestServer.start(in: scope)
            let layout = try SmallImage.write(to: scope, "image")
            let image = "docker://\(server.address)/team/app:1"
            try await Tool.need(
                "skopeo",
                ["copy", "-q", "--preserve-digests", "--dest-tls-verify=false", "oci:\(layout):1", image],
                in: scope
            )
            let back = scope.path("back")
            try await Tool.need(
                "skopeo",
                ["copy", "-q", "--preserve-digests", "--src-tls-verify=false", image, "oci:\(back):1"],
                in: scope
            )
            for blob in try FileManager.default.contentsOfDirectory(atPath: layout + "/blobs/sha256") {
                let path = "/blobs/sha256/" + blob
                #expect(FileManager.default.contentsEqual(atPath: layout + path, andPath: back + path))
            }
            let arguments = ["list-tags", "--tls-verify=false", "docker://\(server.address)/team/app"]
            #expect(try await Tool.need("skopeo", arguments, in: scope).contains("\"1\""))
            try await Tool.need("skopeo", ["delete", "--tls-verify=false", image], in: scope)
            #expect(
                try await !Tool.run("skopeo", ["inspect", "--tls-verify=false", image], in: scope).succeeded
            )
        }
    }

    @Test(
        "an index goes from one repository to another with all it names",
        .enabled(if: Tool.find("skopeo") != nil)
    )
    func index() async throws {
        try await TestScope.run { scope in
            let server = try await TestServer.start(in: scope)
            let layout = try SmallImage.write(to: scope, "image")
            let name = { (text: String) in "docker://\(server.address)/\(text)" }
            let flags = [
                "copy", "-q", "--all", "--preserve-digests", "--src-tls-verify=false",
                "--dest-tls-verify=false",
            ]
            try await Tool.need("skopeo", flags + ["oci:\(layout):1", name("a/app:1")], in: scope)
            let head = ["-s", "-I", server.url("/v2/a/app/manifests/1")]
            let lines = try await Tool.need("curl", head, in: scope).split(whereSeparator: \.isNewline)
            let size = try #require(
                lines.first { $0.lowercased().hasPrefix("content-length: ") }?.dropFirst(16)
            )
            let digest = try #require(
                lines.first { $0.lowercased().hasPrefix("docker-content-digest: ") }?.dropFirst(23)
            )
            let type = "application/vnd.oci.image.index.v1+json"
            let text = """
                {"schemaVersion":2,"mediaType":"\(type)","manifests":[{"mediaType":\
                "application/vnd.oci.image.manifest.v1+json","digest":"\(digest)","size":\(size),\
                "platform":{"architecture":"amd64","os":"linux"}}]}
                """
            let file = try scope.write(Array(text.utf8), to: "index.json")
            let put = ["-s", "-f", "-X", "PUT", "-H", "Content-Type: \(type)", "--data-binary", "@\(file)"]
            try await Tool.need("curl", put + [server.url("/v2/a/app/manifests/all")], in: scope)
            try await Tool.need("skopeo", flags + [name("a/app:all"), name("b/app:all")], in: scope)
            #expect(
                try await Tool.need("curl", ["-s", server.url("/v2/b/app/manifests/all")], in: scope) == text
            )
        }
    }

    @Test(
        "podman pushes and pulls, and mounts a blob that another repository has",
        .enabled(if: Tool.find("podman") != nil && getuid() == 0, "needs podman and root")
    )
    func podman() async throws {
        try await TestScope.run { scope in
            let server = try await TestServer.start(in: scope)
            let layout = try SmallImage.write(to: scope, "image")
            let store = [
                "--root", scope.path("root"), "--runroot", scope.path("run"), "--storage-driver", "vfs",
            ]
            let podman = { (arguments: [String]) in
                try await Tool.need("podman", store + arguments, in: scope)
            }
            let id = try await podman(["pull", "-q", "oci:\(layout):1"]).trimmingCharacters(
                in: .whitespacesAndNewlines
            )
            for name in ["first/app:1", "second/app:1"] {
                _ = try await podman(["push", "-q", "--tls-verify=false", id, "\(server.address)/\(name)"])
            }
            _ = try await podman([
                "push", "-q", "--tls-verify=false", "--format=v2s2", id, "\(server.address)/docker/app:1",
            ])
            _ = try await podman(["rmi", "-f", id])
            for name in ["first/app:1", "second/app:1", "docker/app:1"] {
                _ = try await podman(["pull", "-q", "--tls-verify=false", "\(server.address)/\(name)"])
            }
        }
    }

    @Test(
        "curl's 100-continue and HTTP/1.0 are understood",
        .enabled(if: Tool.find("curl") != nil, "needs curl")
    )
    func curl() async throws {
        try await TestScope.run { scope in
            let server = try await TestServer.start(in: scope)
            let old = ["-s", "-m", "10", "--http1.0", "-o", "-", server.url("/v2/")]
            #expect(try await Tool.need("curl", old, in: scope) == "{}")
            let file = try scope.write(Array(repeating: 7, count: 2_000_000), to: "blob")
            let sum = try await Tool.need("sha256sum", [file], in: scope).prefix(64)
            let uri = server.url("/v2/a/blobs/uploads/?digest=sha256:\(sum)")
            let upload = [
                "-s", "-m", "20", "-X", "POST", "-H", "Expect: 100-continue", "--data-binary", "@\(file)",
                "-o",
                scope.path("answer"),
                "-w", "%{http_code}", uri,
            ]
            #expect(try await Tool.need("curl", upload, in: scope) == "201")
        }
    }
}
