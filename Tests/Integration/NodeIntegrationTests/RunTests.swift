// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

import Digests
import Foundation
import RepositoryFixtures
import Testing

/// Containers that run from a mounted tree.
@Suite(
    "wharf run",
    .serialized,
    .enabled(if: MountedRepository.canRunContainers, "needs root, /dev/fuse and runc")
)
struct RunTests {
    let scratch: ScratchDirectory
    let mounted: MountedRepository
    let image: String

    init() throws {
        scratch = try ScratchDirectory()
        let repository = try RepositoryFixture("run\(UInt32.random(in: 0...9999)).example.org", in: scratch)
        let config =
            Array(
                #"{"architecture":"amd64","os":"linux","config":{"User":"job","Env":["FROM=image","BOTH=image"],"#
                    .utf8
            ) + Array(#""Entrypoint":["/bin/sh","-c"],"Cmd":["exit 3"],"WorkingDir":"/work"}}"#.utf8)
        let digest = OCIDigest(of: config).encoded
        let flat = "/.flat/\(digest.prefix(2))/\(digest)"
        let tag = "registry.example.org:5000/team/app:1"
        var entries = ["/.flat", "/.flat/\(digest.prefix(2))", flat].map { FixtureEntry.directory($0) }
        entries += try Self.system().map { FixtureEntry(flat + $0.path, $0.kind) }
        entries.append(.text(flat + "/etc/passwd", "job:x:1234:77:Job:/work:/bin/sh\n"))
        entries += ["/registry.example.org:5000", "/registry.example.org:5000/team"].map { .directory($0) }
        entries.append(.link("/" + tag, to: "../.." + flat))
        entries += [
            "/.metadata", "/.metadata/registry.example.org:5000", "/.metadata/registry.example.org:5000/team",
        ]
        .map { .directory($0) }
        entries.append(.directory("/.metadata/" + tag))
        entries.append(FixtureEntry("/.metadata/\(tag)/image-config.json", .file(config)))
        try repository.publish(entries, revision: 1, nested: ["/.flat", flat])
        mounted = try MountedRepository(
            repository.name,
            server: repository.directory,
            key: repository.publicKey,
            in: scratch
        )
        image = tag
        self.repository = repository.name
    }

    private let repository: String

    /// A shell and a few tools of this machine, with their libraries.
    private static func system() throws -> [(path: String, kind: FixtureEntry.Kind)] {
        var files: Set<String> = []
        for (name, place) in [
            ("bash", "/bin/sh"), ("cat", "/bin/cat"), ("id", "/bin/id"), ("touch", "/bin/touch"),
        ] {
            let original = "/bin/" + name
            let real = FileManager.default.fileExists(atPath: original) ? original : "/usr/bin/" + name
            files.insert(place + "=" + real)
            let libraries = try BuiltProgram.run("/usr/bin/env", ["ldd", real]).output
            for word in libraries.split(whereSeparator: { " \n\t".contains($0) }) where word.hasPrefix("/") {
                files.insert("\(word)=\(word)")
            }
        }
        var directories: Set<String> = ["/work", "/etc", "/tmp"]
        var entries: [(path: String, kind: FixtureEntry.Kind)] = []
        for file in files {
            let parts = file.split(separator: "=").map { String($0) }
            var parent = (parts[0] as NSString).deletingLastPathComponent
            while parent != "/" {
                directories.insert(parent)
                parent = (parent as NSString).deletingLastPathComponent
            }
            entries.append((parts[0], .file(Array(try Data(contentsOf: URL(fileURLWithPath: parts[1]))))))
        }
        return directories.sorted().map { ($0, .directory) } + entries
    }

    private func run(_ arguments: [String], options: [String] = []) throws -> BuiltProgram.Outcome {
        try BuiltProgram.run(
            BuiltProgram.wharf,
            ["run", "--repository", repository] + options + [image] + arguments
        )
    }

    @Test("the status is the command's, also that of the image's own command")
    func status() throws {
        #expect(try run(["--", "exit 42"]).status == 42)
        #expect(try run([]).status == 3)
    }

    @Test("user, group, directory and variables are the image's, and flags win")
    func process() throws {
        let outcome = try run(
            ["echo \"$(id -u) $(id -g) $PWD $HOME $FROM $BOTH $MINE\""],
            options: ["--env", "BOTH=flag", "--env", "MINE=yes"]
        )
        #expect(outcome.output == "1234 77 /work /work image flag yes\n", "\(outcome.errors)")
    }

    @Test("a container has few capabilities, a filter, and no new privileges")
    func confinement() throws {
        let status = try run(["cat /proc/self/status"]).output
        #expect(status.contains("NoNewPrivs:\t1") && status.contains("Seccomp:\t2"))
        #expect(status.contains("CapBnd:\t00000000800405fb") && status.contains("CapEff:\t0000000000000000"))
        #expect(try run(["cat /proc/self/status"], options: ["--suid"]).output.contains("NoNewPrivs:\t0"))
    }

    @Test("what a container writes is thrown away, and a volume shows a directory of the host")
    func writing() throws {
        let outside = try scratch.directory("outside")
        try Data("host".utf8).write(to: URL(fileURLWithPath: outside + "/file"))
        let outcome = try run(
            ["cat /data/file && ! touch /data/new && cat /etc/passwd >/dev/null"],
            options: ["--volume", outside + ":/data:ro"]
        )
        #expect(outcome.status == 0 && outcome.output == "host", "\(outcome.errors)")
        #expect(try FileManager.default.contentsOfDirectory(atPath: "/var/lib/wharf/run").isEmpty)
    }

    @Test(
        "an image that is not there is 125 and names the places, a command that is not there 127, no program 126"
    )
    func failures() throws {
        let missing = try BuiltProgram.run(
            BuiltProgram.wharf,
            ["run", "--repository", repository, "registry.example.org/none:1"]
        )
        #expect(missing.status == 125)
        #expect(missing.errors.contains("\(mounted.path)/registry.example.org/none:1"))
        let tree = try FileManager.default.destinationOfSymbolicLink(atPath: mounted.path + "/" + image)
        let path = mounted.path + "/registry.example.org:5000/team/" + tree
        #expect(try BuiltProgram.run(BuiltProgram.wharf, ["run", path, "/bin/none"]).status == 127)
        #expect(try BuiltProgram.run(BuiltProgram.wharf, ["run", path, "/etc/passwd"]).status == 126)
    }
}
