// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

import ArchiveFixtures
import CVMFSFormat
import FileTree
import Foundation
import ImagePublishing
import RepositoryFixtures
import Testing

@Suite(.ownThread) struct ApptainerFilesTests {
    private let fixture: PublishingFixture

    init() throws { fixture = try PublishingFixture() }

    /// Publishes an image with a config and returns its flat tree.
    private func publish(_ layer: TestLayer, _ config: [String: Any], _ tag: String = "1") async throws
        -> String
    {
        let digest = try await fixture.shelf.putImage([layer], config: config)
        try fixture.push(digest, to: "app", tag)
        try fixture.publish()
        return try fixture.flat(digest).description
    }

    /// Runs a shell script of the image with a shell of the host.
    private func run(_ script: String, _ arguments: [String] = [], then: String = "") throws -> String {
        let file = fixture.scratch.path + "/script"
        try Data((script + then).utf8).write(to: URL(fileURLWithPath: file))
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = [file] + arguments
        process.environment = ["PATH": "/usr/bin:/bin"]
        process.currentDirectoryURL = URL(fileURLWithPath: fixture.scratch.path)
        process.standardOutput = output
        try process.run()
        let text = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return String(decoding: text, as: UTF8.self)
    }

    private let hostile = "it's $(touch broken) `touch broken` \"${HOME}\" \\ \n; touch broken #"

    @Test("a hostile environment is data, never code")
    func environment() async throws {
        let flat = try await publish(
            TestLayer(files: []),
            ["Env": ["A=\(hostile)", "B;touch broken=1", "1X=1", "NOVALUE", "=x", "PATH=/p:\(hostile)"]]
        )
        let script = try fixture.content(flat + "/.singularity.d/env/10-docker2singularity.sh")
        let shown = try run(script, then: "printf '%s|%s' \"$A\" \"$PATH\"")
        #expect(shown == "\(hostile)|/p:\(hostile)")
        #expect(!FileManager.default.fileExists(atPath: fixture.scratch.path + "/broken"))
        #expect(!script.contains("NOVALUE") && !script.contains("1X"))
    }

    @Test("a hostile entrypoint is data, never code")
    func entrypoint() async throws {
        let flat = try await publish(
            TestLayer(files: []),
            ["Entrypoint": ["/usr/bin/printf", "%s|", hostile], "Cmd": ["default"]]
        )
        let script = try fixture.content(flat + "/.singularity.d/runscript")
        #expect(try run(script) == "\(hostile)|default|")
        #expect(try run(script, ["own", hostile]) == "\(hostile)|own|\(hostile)|")
        #expect(!FileManager.default.fileExists(atPath: fixture.scratch.path + "/broken"))
    }

    @Test("a command alone gives way to arguments, and no command at all is a shell")
    func command() async throws {
        let flat = try await publish(TestLayer(files: []), ["Cmd": ["/bin/echo", "a  b"]])
        let script = try fixture.content(flat + "/.singularity.d/runscript")
        #expect(try run(script) == "a  b\n")
        #expect(try run(script, ["/bin/echo", "c"]) == "c\n")
        let other = try await publish(TestLayer(files: [("x", "")]), [:], "2")
        let shell = try fixture.content(other + "/.singularity.d/runscript")
        #expect(try run(shell, ["-c", "echo shell"]) == "shell\n")
    }

    @Test("nothing is put over the image's own entries, nor through its links")
    func ownEntries() async throws {
        var archive = TarBytes()
        archive.add("etc/hosts", "mine")
        archive.add("dev", "a file")
        var link = TarBytes.Header("var", type: "2")
        link.link = "/etc"
        archive.add(link)
        let flat = try await publish(TestLayer(archive), [:])
        #expect(try fixture.content(flat + "/etc/hosts") == "mine")
        #expect(try fixture.content(flat + "/dev") == "a file")
        #expect(try fixture.link(flat + "/var") == "/etc")
        #expect(try fixture.names(in: flat + "/etc") == ["hosts", "resolv.conf"])
        #expect(try fixture.link(flat + "/singularity") == ".singularity.d/runscript")
    }

    @Test("what is added carries the image's date, whatever the clock says")
    func date() async throws {
        let flat = try await publish(TestLayer(files: []), [:])
        let entry = try #require(try fixture.entry(flat + "/.singularity.d/runscript"))
        // The config's date: 2026-01-02 03:04:05.
        #expect(entry.mtime == 1_767_323_045 && entry.mode & 0o7777 == 0o755)
    }

    @Test(
        "a date that cannot be read is 1970",
        arguments: [
            "", "yesterday", "2026-13-02T03:04:05Z", "²026-01-02T03:04:05Z", "٢٠٢٦-٠١-٠٢T٠٣:٠٤:٠٥Z",
        ]
    )
    func badDate(created: String) async throws {
        let digest = try await fixture.shelf.putImage([], more: ["created": created])
        try fixture.push(digest, to: "app")
        try fixture.publish()
        #expect(try fixture.entry("\(fixture.flat(digest))/.singularity.d")?.mtime == 0)
    }
}
