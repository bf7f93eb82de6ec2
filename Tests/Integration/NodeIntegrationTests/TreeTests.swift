// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import RepositoryFixtures
import Testing

/// What a mounted tree shows of entries that the golden repositories do not have.
@Suite(
    "mounted trees",
    .serialized,
    .enabled(if: MountedRepository.isPossible, "\(MountedRepository.requirement)")
)
struct TreeTests {
    let scratch: ScratchDirectory
    let repository: RepositoryFixture

    init() throws {
        scratch = try ScratchDirectory()
        repository = try RepositoryFixture("tree.example.org", in: scratch)
    }

    private func mount(_ options: [String] = []) throws -> MountedRepository {
        try MountedRepository(repository, in: scratch, options: options)
    }

    private func status(_ path: String) throws -> stat {
        var status = stat()
        try #require(lstat(path, &status) == 0, "\(path): \(String(cString: strerror(errno)))")
        return status
    }

    @Test("a hard link group is one inode with its count, also in listings", arguments: ["on", "off"])
    func hardLinks(readDirectoryPlus: String) throws {
        var (first, second) = (FixtureEntry.text("/d/one", "same"), FixtureEntry.text("/d/two", "same"))
        (first.linkGroup, first.linkCount) = (1, 2)
        (second.linkGroup, second.linkCount) = (1, 2)
        try repository.publish([.directory("/d"), first, second, .text("/d/three", "same")], revision: 1)
        let mounted = try mount(["readdirplus=\(readDirectoryPlus)"])
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: mounted.path + "/d").sorted() == [
                "one", "three", "two",
            ]
        )
        let (one, two) = (try status(mounted.path + "/d/one"), try status(mounted.path + "/d/two"))
        #expect(one.st_ino == two.st_ino)
        #expect(one.st_nlink == 2)
        #expect(try status(mounted.path + "/d/three").st_ino != one.st_ino)
        let numbers = try BuiltProgram.run("/bin/ls", ["-i", mounted.path + "/d"]).output
        #expect(numbers.contains("\(one.st_ino) one") && numbers.contains("\(one.st_ino) two"))
    }

    @Test("hidden entries are found by name and not listed")
    func hiddenEntries() throws {
        var hidden = FixtureEntry.directory("/.cvmfs")
        hidden.isHidden = true
        try repository.publish(
            [hidden, .text("/.cvmfs/inside", "seen"), .text("/shown", "x")],
            revision: 1,
            nested: ["/.cvmfs"]
        )
        let mounted = try mount()
        #expect(try FileManager.default.contentsOfDirectory(atPath: mounted.path) == ["shown"])
        #expect(try mounted.text("/.cvmfs/inside") == "seen")
    }

    @Test("a bind mountpoint shows another root, with nested catalogs of its own")
    func bindMountpoints() throws {
        let old = try repository.publish(
            [.directory("/a"), .text("/a/old", "before"), .directory("/a/n"), .text("/a/n/deep", "below")],
            revision: 1,
            nested: ["/a/n"]
        )
        var cvmfs = FixtureEntry.directory("/.cvmfs")
        cvmfs.isHidden = true
        let snapshot = "/.cvmfs/snapshots/first"
        try repository.publish(
            [cvmfs, .directory("/.cvmfs/snapshots"), .directory(snapshot), .text("/new", "after")],
            revision: 2,
            nested: ["/.cvmfs"],
            binds: [snapshot: old],
            tags: ["first": old]
        )
        let mounted = try mount()
        #expect(try mounted.text("/new") == "after")
        #expect(try mounted.text(snapshot + "/a/old") == "before")
        #expect(try mounted.text(snapshot + "/a/n/deep") == "below")
        try mounted.unmount()
        let tagged = try mount(["CVMFS_REPOSITORY_TAG=first"])
        #expect(try tagged.text("/a/old") == "before")
    }

    @Test("variables in links are expanded, but never inside of images")
    func variantLinks() throws {
        try repository.publish(
            [
                .link("/arch", to: "$(CVMFS_ARCH:-none)/x"),
                .link("/other", to: "$(NOBODY:-some)/$(NOBODY)y"),
                .directory("/.flat"), .directory("/.flat/ab"), .link("/.flat/ab/link", to: "$(CVMFS_ARCH)"),
            ],
            revision: 1
        )
        let mounted = try mount(["CVMFS_ARCH=riscv64"])
        func target(_ name: String) throws -> String {
            try FileManager.default.destinationOfSymbolicLink(atPath: mounted.path + name)
        }
        #expect(try target("/arch") == "riscv64/x")
        #expect(try target("/other") == "some/y")
        #expect(try target("/.flat/ab/link") == "$(CVMFS_ARCH)")
        #expect(try status(mounted.path + "/arch").st_size == 9)
    }

    @Test("external files come from their own server, chunks by range", arguments: ["none", "passthrough"])
    func externalFiles(mode: String) throws {
        let pieces = (0..<3).map { piece in [UInt8](repeating: UInt8(piece), count: 70_000) }
        try repository.publish(
            [
                FixtureEntry("/whole%name", .external([Array("outside".utf8)])),
                FixtureEntry("/pieces", .external(pieces)),
            ],
            revision: 1
        )
        let server = try RepositoryServer(repository.externalDirectory)
        let mounted = try mount(["CVMFS_EXTERNAL_URL=\(server.address)", "open=\(mode)"])
        #expect(try mounted.text("/whole%name") == "outside")
        #expect(try Data(contentsOf: URL(fileURLWithPath: mounted.path + "/pieces")) == Data(pieces.joined()))
    }

    @Test("devices keep their numbers and cannot be opened, writes are refused, attributes are read by name")
    func specialities() throws {
        var file = FixtureEntry.text("/file", "x")
        file.attributes = ["user.colour": "blue"]
        try repository.publish([FixtureEntry("/null", .device(0x103)), file], revision: 7)
        let mounted = try mount()
        #expect(try status(mounted.path + "/null").st_rdev == 0x103)
        #expect(open(mounted.path + "/null", O_RDONLY) < 0 && errno == EACCES)
        #expect(open(mounted.path + "/new", O_WRONLY | O_CREAT, 0o644) < 0 && errno == EROFS)
        #expect(try attribute("user.colour", mounted.path + "/file") == "blue")
        #expect(try attribute("user.revision", mounted.path) == "7")
        #expect(try attribute("user.fqrn", mounted.path + "/file") == "tree.example.org")
        let listed = try BuiltProgram.run("/usr/bin/env", ["getfattr", "-m", "-", mounted.path + "/file"])
            .output
        #expect(listed.split(separator: "\n").dropFirst() == ["user.colour"])
    }

    @Test("chunked files are read across their chunks")
    func chunkedFiles() throws {
        let pieces = (0..<5).map { piece in
            [UInt8](repeating: UInt8(piece + 65), count: 100_001 * (piece + 1))
        }
        try repository.publish([FixtureEntry("/big", .chunked(pieces))], revision: 1)
        let mounted = try mount()
        #expect(try Data(contentsOf: URL(fileURLWithPath: mounted.path + "/big")) == Data(pieces.joined()))
    }

    private func attribute(_ name: String, _ path: String) throws -> String {
        try BuiltProgram.run("/usr/bin/env", ["getfattr", "--only-values", "-n", name, path]).output
    }
}
