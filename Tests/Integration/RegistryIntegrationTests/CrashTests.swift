// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

@Suite(.serialized) struct CrashTests {
    private func curl(_ arguments: [String], in scope: TestScope) async throws -> String {
        try await Tool.need("curl", ["-s", "-m", "20"] + arguments, in: scope)
    }

    private func header(_ name: String, of text: String) throws -> String {
        let line = text.split(whereSeparator: \.isNewline).first { $0.lowercased().hasPrefix(name + ": ") }
        return String(try #require(line).dropFirst(name.count + 2))
    }

    @Test("an upload goes on after the server was killed in the middle of it")
    func killedUpload() async throws {
        try await TestScope.run { scope in
            let server = try await TestServer.start(in: scope)
            let start = try await curl(["-i", "-X", "POST", server.url("/v2/a/blobs/uploads/")], in: scope)
            let location = try header("location", of: start)
            let content = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
            let first = try scope.write(content[..<1_000_000], to: "first")
            _ = try await curl(
                ["-X", "PATCH", "--data-binary", "@\(first)", server.url(location)],
                in: scope
            )
            await server.kill()
            try await server.restart()
            let status = try await curl(["-i", server.url(location)], in: scope)
            #expect(try header("range", of: status) == "0-999999")
            let rest = try scope.write(content[1_000_000...], to: "rest")
            let whole = try scope.write(content, to: "whole")
            let sum = try await Tool.need("sha256sum", [whole], in: scope).prefix(64)
            let end = try await curl(
                [
                    "-o", "/dev/null", "-w", "%{http_code}", "-X", "PUT", "--data-binary", "@\(rest)", "-H",
                    "Content-Range: 1000000-2999999", server.url("\(location)?digest=sha256:\(sum)"),
                ],
                in: scope
            )
            #expect(end == "201")
            _ = try await curl(
                ["-o", scope.path("back"), server.url("/v2/a/blobs/sha256:\(sum)")],
                in: scope
            )
            #expect(FileManager.default.contentsEqual(atPath: whole, andPath: scope.path("back")))
        }
    }

    @Test("bytes that came before a kill in the middle of a request count, and the blob is whole in the end")
    func killedInMidstream() async throws {
        try await TestScope.run { scope in
            let server = try await TestServer.start(in: scope)
            let start = try await curl(["-i", "-X", "POST", server.url("/v2/a/blobs/uploads/")], in: scope)
            let location = try header("location", of: start)
            let content = (0..<6_000_000).map { UInt8(truncatingIfNeeded: $0 &* 37 >> 4) }
            let whole = try scope.write(content, to: "whole")
            let file = server.data + location.replacing("/v2/a/blobs", with: "")
            async let broken = Tool.run(
                "curl",
                ["-s", "-m", "20", "--limit-rate", "3M", "-X", "PATCH", "-T", whole, server.url(location)],
                in: scope
            )
            // The file appears with the first batch and grows while curl sends.
            while (FileManager.default.contents(atPath: file) ?? Data()).isEmpty { await Task.yield() }
            await server.kill()
            #expect(try await !broken.succeeded)
            try await server.restart()
            let status = try await curl(["-i", server.url(location)], in: scope)
            let last = try #require(Int(try header("range", of: status).dropFirst(2)))
            #expect(last > 0 && last < content.count - 1)
            let rest = try scope.write(content[(last + 1)...], to: "rest")
            let sum = try await Tool.need("sha256sum", [whole], in: scope).prefix(64)
            let uri = server.url("\(location)?digest=sha256:\(sum)")
            let end = [
                "-o", "/dev/null", "-w", "%{http_code}", "-X", "PUT", "--data-binary", "@\(rest)", uri,
            ]
            #expect(try await curl(end, in: scope) == "201")
        }
    }

    @Test("what was acknowledged is there after the server was killed")
    func killedAfterPush() async throws {
        try await TestScope.run { scope in
            let server = try await TestServer.start(in: scope)
            let layout = try SmallImage.write(to: scope, "image")
            let image = "docker://\(server.address)/team/app:1"
            try await Tool.need(
                "skopeo",
                ["copy", "-q", "--preserve-digests", "--dest-tls-verify=false", "oci:\(layout):1", image],
                in: scope
            )
            await server.kill()
            try await server.restart()
            try await Tool.need("skopeo", ["inspect", "--tls-verify=false", image], in: scope)
        }
    }

    @Test(
        "a full disk is answered as such, and the server goes on",
        .enabled(if: getuid() == 0, "needs root to mount")
    )
    func fullDisk() async throws {
        try await TestScope.run { scope in
            let disk = scope.path("disk")
            try FileManager.default.createDirectory(atPath: disk, withIntermediateDirectories: true)
            try await Tool.need("mount", ["-t", "tmpfs", "-o", "size=4m", "wharf-test", disk], in: scope)
            scope.atEnd { _ = try? await Tool.run("umount", ["-l", disk], in: scope) }
            let server = try await TestServer.start(in: scope, data: "disk/data")
            let large = try scope.write(Array(repeating: 1, count: 8_000_000), to: "large")
            let sum = try await Tool.need("sha256sum", [large], in: scope).prefix(64)
            let uri = server.url("/v2/a/blobs/uploads/?digest=sha256:\(sum)")
            let refused = try await curl(
                ["-w", "%{http_code}", "-X", "POST", "--data-binary", "@\(large)", uri],
                in: scope
            )
            #expect(refused.hasSuffix("507"))
            #expect(refused.contains("UNAVAILABLE"))
            #expect(try await curl([server.url("/livez")], in: scope) == "ok\n")
        }
    }

    @Test("a second server on the same data or port is refused, and says why")
    func second() async throws {
        try await TestScope.run { scope in
            let server = try await TestServer.start(in: scope)
            let program = BuiltProgram.path("wharfd")
            let sameData = ["serve", "--data", server.data, "--listen", "127.0.0.1:0"]
            let data = try await Tool.run(program, sameData, in: scope)
            #expect(data.status == 1)
            #expect(data.errors.contains("another process uses the data directory"))
            let samePort = ["serve", "--data", scope.path("other"), "--listen", server.address]
            let port = try await Tool.run(program, samePort, in: scope)
            #expect(port.status == 1)
            #expect(port.errors.contains("another process listens on \(server.address)"))
            #expect(await server.stop() == 0)
        }
    }

    @Test("wrong usage is status 2, a refused address 1, help 0")
    func statuses() async throws {
        try await TestScope.run { scope in
            let program = BuiltProgram.path("wharfd")
            #expect(try await Tool.run(program, ["serve", "--nonsense"], in: scope).status == 2)
            #expect(try await Tool.run(program, ["nonsense"], in: scope).status == 2)
            #expect(try await Tool.run(program, ["serve", "--help"], in: scope).status == 0)
            let open = ["serve", "--data", scope.path("data"), "--listen", "0.0.0.0:0"]
            let refused = try await Tool.run(program, open, in: scope)
            #expect(refused.status == 1)
            #expect(refused.errors.contains("refusing to listen on 0.0.0.0"))
            let file = try scope.write(Array("lisen: x\n".utf8), to: "wharf.yaml")
            let check = try await Tool.run(program, ["serve", "--config", file, "--check-config"], in: scope)
            #expect(check.status == 1)
            #expect(check.errors.contains("line 1: unknown key 'lisen'"))
        }
    }
}
