// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import RepositoryFixtures
import Testing

/// A mount that follows the repository's revisions.
@Suite(
    "revisions",
    .serialized,
    .enabled(if: MountedRepository.isPossible, "\(MountedRepository.requirement)")
)
struct RevisionTests {
    let scratch: ScratchDirectory
    let repository: RepositoryFixture
    let server: RepositoryServer

    init() throws {
        scratch = try ScratchDirectory()
        repository = try RepositoryFixture("revision.example.org", in: scratch)
        server = try RepositoryServer(repository.servedDirectory)
    }

    private func mount(_ options: [String]) throws -> MountedRepository {
        try MountedRepository(
            repository.name,
            server: server.address + "/cvmfs/@fqrn@",
            key: repository.publicKey,
            in: scratch,
            options: options
        )
    }

    /// Waits until a condition holds; polls every 20 ms, as an impatient job would.
    private func wait(_ limit: Duration, until condition: () throws -> Bool) rethrows -> Duration? {
        let clock = ContinuousClock()
        let start = clock.now
        while clock.now - start < limit {
            if try condition() { return clock.now - start }
            usleep(20_000)
        }
        return nil
    }

    static let modes = [
        ["open=none"], ["open=none", "epochs=off"], ["open=passthrough"], ["open=passthrough", "epochs=off"],
    ]

    @Test("a path that is asked for all the time appears within two seconds", arguments: modes)
    func newPathsAppear(mode: [String]) throws {
        try repository.publish([.directory("/d"), .text("/d/old", "1")], revision: 1, nested: ["/d"])
        let mounted = try mount(mode)
        #expect(access(mounted.path + "/d/new", F_OK) != 0)
        #expect(try FileManager.default.contentsOfDirectory(atPath: mounted.path + "/d") == ["old"])
        try repository.publish([.directory("/d"), .text("/d/new", "2")], revision: 2, nested: ["/d"])
        let delay = wait(.seconds(5)) { access(mounted.path + "/d/new", F_OK) == 0 }
        #expect(try #require(delay) < .seconds(2))
        #expect(try mounted.text("/d/new") == "2")
        #expect(access(mounted.path + "/d/old", F_OK) != 0)
        #expect(try FileManager.default.contentsOfDirectory(atPath: mounted.path + "/d") == ["new"])
    }

    @Test("an open file keeps its content, its path shows the new one", arguments: modes)
    func openFilesKeepTheirContent(mode: [String]) throws {
        let large = String(repeating: "a", count: 300_000)
        try repository.publish([.text("/file", large), .text("/same", "same")], revision: 1)
        let mounted = try mount(mode)
        let file = open(mounted.path + "/file", O_RDONLY)
        defer { close(file) }
        try repository.publish([.text("/file", "new"), .text("/same", "same")], revision: 2)
        _ = try #require(try wait(.seconds(5)) { try mounted.text("/file") == "new" })
        try MountedRepository.dropKernelCaches()
        var content = [UInt8](repeating: 0, count: 300_001)
        #expect(pread(file, &content, content.count, 0) == 300_000)
        #expect(content.prefix(300_000).allSatisfy { $0 == UInt8(ascii: "a") })
        #expect(try mounted.text("/same") == "same")
    }

    @Test("a file may become a directory, and a directory a file")
    func typesMayChange() throws {
        try repository.publish([.text("/a", "file"), .directory("/b"), .text("/b/c", "c")], revision: 1)
        let mounted = try mount([])
        #expect(try mounted.text("/a") == "file")
        #expect(try mounted.text("/b/c") == "c")
        try repository.publish(
            [.directory("/a"), .text("/a/x", "inside"), .text("/b", "now a file")],
            revision: 2
        )
        _ = try #require(wait(.seconds(5)) { access(mounted.path + "/a/x", F_OK) == 0 })
        #expect(try mounted.text("/a/x") == "inside")
        #expect(try mounted.text("/b") == "now a file")
    }

    @Test("a process that stands in a directory sees what the new revision has there")
    func workingDirectoriesFollow() throws {
        try repository.publish([.directory("/d"), .text("/d/old", "1")], revision: 1)
        let mounted = try mount([])
        let directory = open(mounted.path + "/d", O_RDONLY | O_DIRECTORY)
        defer { close(directory) }
        try repository.publish([.directory("/d"), .text("/d/new", "2")], revision: 2)
        _ = try #require(wait(.seconds(5)) { faccessat(directory, "new", F_OK, 0) == 0 })
    }

    @Test("a mount that a tag pins stays as it is")
    func pinnedMountsStay() throws {
        let first = try repository.publish([.text("/file", "1")], revision: 1)
        try repository.publish([.text("/file", "2")], revision: 2, tags: ["one": first])
        let mounted = try mount(["tag=one"])
        #expect(try mounted.text("/file") == "1")
    }
}
