// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

import Digests
import Foundation
import Glibc
import RepositoryFixtures
import Testing

/// What the client does when something is wrong: it says what, and never shows wrong bytes.
@Suite(
    "faults of a mount",
    .serialized,
    .enabled(if: MountedRepository.isPossible, "\(MountedRepository.requirement)")
)
struct FaultTests {
    let scratch: ScratchDirectory
    let repository: RepositoryFixture

    init() throws {
        scratch = try ScratchDirectory()
        repository = try RepositoryFixture("fault.example.org", in: scratch)
        try repository.publish([.text("/file", "content"), .text("/other", "elsewhere")], revision: 5)
    }

    private func mount(_ options: [String] = [], server: String? = nil, key: String? = nil) throws
        -> MountedRepository
    {
        try MountedRepository(
            repository.name,
            server: server ?? repository.directory,
            key: key ?? repository.publicKey,
            in: scratch,
            options: options
        )
    }

    /// Expects that the repository is refused with a reason, and that nothing is mounted.
    private func expectRefusal(_ reason: String, key: String? = nil) {
        let refusal = #expect(throws: MountedRepository.Refusal.self) { _ = try mount(key: key) }
        #expect(refusal?.status == 1)
        #expect(refusal?.description.contains(reason) == true, "\(refusal?.description ?? "")")
    }

    private func damage(_ path: String) throws {
        var content = try Data(contentsOf: URL(fileURLWithPath: path))
        let middle = content.count / 2
        content[middle] ^= 0xff
        try content.write(to: URL(fileURLWithPath: path))
    }

    private func edit(_ name: String, _ old: String, _ new: String) throws {
        let url = URL(fileURLWithPath: repository.directory + "/" + name)
        var content = try Data(contentsOf: url)
        let range = try #require(content.range(of: Data(old.utf8)))
        content.replaceSubrange(range, with: Data(new.utf8))
        try content.write(to: url)
    }

    @Test("a wrong master key is refused")
    func wrongKey() throws {
        let other = try RepositoryFixture("other.example.org", in: scratch)
        expectRefusal("is not signed by the configured master key", key: other.publicKey)
    }

    @Test("an expired whitelist is refused")
    func expiredWhitelist() throws {
        try repository.writeWhitelist(expires: Int64(Date().timeIntervalSince1970) - 7200)
        expectRefusal("expired at")
    }

    @Test("a whitelist whose text was changed is refused")
    func changedWhitelist() throws {
        try edit(".cvmfswhitelist", "Nfault", "Nvault")
        expectRefusal("the whitelist of fault.example.org is malformed")
    }

    @Test("a manifest whose text was changed is refused")
    func changedManifest() throws {
        try edit(".cvmfspublished", "S5\n", "S6\n")
        expectRefusal("the manifest of fault.example.org is malformed")
    }

    @Test("a manifest whose signature was changed is refused")
    func badSignature() throws {
        let url = URL(fileURLWithPath: repository.directory + "/.cvmfspublished")
        var content = try Data(contentsOf: url)
        content[content.count - 1] ^= 1
        try content.write(to: url)
        expectRefusal("signature that is not by its certificate")
    }

    @Test("a manifest of another certificate is refused")
    func foreignCertificate() throws {
        let other = try RepositoryFixture("fault.example.org", in: try ScratchDirectory())
        try other.publish([.text("/file", "forged")], revision: 9)
        let list = try Data(contentsOf: URL(fileURLWithPath: repository.directory + "/.cvmfswhitelist"))
        try list.write(to: URL(fileURLWithPath: other.directory + "/.cvmfswhitelist"))
        let refusal = #expect(throws: MountedRepository.Refusal.self) {
            _ = try mount(server: other.directory)
        }
        #expect(refusal?.description.contains("is not on the whitelist") == true)
    }

    @Test("another repository's files are refused by name")
    func otherName() throws {
        let other = try RepositoryFixture("other.example.org", in: scratch)
        try other.publish([], revision: 1)
        let refusal = #expect(throws: MountedRepository.Refusal.self) {
            _ = try mount(server: other.directory)
        }
        #expect(refusal?.description.contains("belongs to other.example.org") == true)
    }

    @Test("an older revision than was seen is refused, also after a restart")
    func rollBack() throws {
        try mount().unmount()
        try repository.publish([.text("/file", "older")], revision: 4)
        expectRefusal("is offered at revision 4, but 5 was seen before")
    }

    @Test("a roll-back under a mount is refused, and the mount goes on")
    func rollBackUnderMount() throws {
        let mounted = try mount()
        try repository.publish([.text("/file", "older")], revision: 4)
        usleep(2_500_000)
        #expect(try mounted.text("/file") == "content")
        #expect(mounted.log.contains("but 5 was seen before"))
    }

    @Test("a corrupt root catalog is refused")
    func corruptCatalog() throws {
        let root = try repository.publish([.text("/file", "content")], revision: 6)
        try damage(repository.path(of: root, .catalog))
        expectRefusal("is corrupt")
    }

    @Test(
        "a corrupt object gives EIO, and its content once it is repaired",
        arguments: ["none", "passthrough"]
    )
    func corruptObject(mode: String) throws {
        let object = repository.path(ofContent: "content")
        let good = try Data(contentsOf: URL(fileURLWithPath: object))
        try damage(object)
        let mounted = try mount(["open=\(mode)"])
        #expect(throws: (any Error).self) { try mounted.text("/file") }
        #expect(try mounted.text("/other") == "elsewhere")
        #expect(mounted.log.contains("is corrupt"))
        try good.write(to: URL(fileURLWithPath: object))
        #expect(try mounted.text("/file") == "content")
    }

    @Test(
        "a server that is away gives EIO for what is not cached, and is asked again",
        arguments: ["none", "passthrough"]
    )
    func serverAway(mode: String) throws {
        let server = try RepositoryServer(repository.servedDirectory)
        let mounted = try mount(["open=\(mode)"], server: server.address + "/cvmfs/@fqrn@")
        #expect(try mounted.text("/file") == "content")
        server.stop()
        try MountedRepository.dropKernelCaches()
        #expect(try mounted.text("/file") == "content")
        #expect(throws: (any Error).self) { try mounted.text("/other") }
        try server.restart()
        // A node that was off-line answers at once until its next try has shown that the server is back.
        let deadline = ContinuousClock.now + .seconds(60)
        var content = try? mounted.text("/other")
        while content == nil, ContinuousClock.now < deadline {
            usleep(50_000)
            content = try? mounted.text("/other")
        }
        #expect(content == "elsewhere")
    }

    @Test("a killed client leaves a mount that says so, and the next one uses its cache")
    func killedClient() throws {
        let server = try RepositoryServer(repository.servedDirectory)
        let mounted = try mount(server: server.address + "/cvmfs/@fqrn@")
        #expect(try mounted.text("/file") == "content")
        try mounted.kill()
        let result = access(mounted.path + "/unseen", F_OK)
        let reason = errno
        // The kernel aborts what is under way and refuses what comes after.
        #expect(result < 0 && (reason == ENOTCONN || reason == ECONNABORTED), "errno \(reason)")
        #expect(try mounted.unmount() == 0)
        try mounted.mount()
        try FileManager.default.removeItem(atPath: repository.path(ofContent: "content"))
        #expect(try mounted.text("/file") == "content")
    }

    @Test("a damaged cache file is found and fetched again", arguments: [true, false])
    func damagedCache(whileMounted: Bool) throws {
        let mounted = try mount()
        #expect(try mounted.text("/file") == "content")
        if !whileMounted { try mounted.unmount() }
        let files = try FileManager.default.subpathsOfDirectory(atPath: mounted.cache).map {
            mounted.cache + "/" + $0
        }
        let cached = try #require(
            files.first { (try? String(contentsOfFile: $0, encoding: .utf8)) == "content" }
        )
        let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: cached))
        try handle.write(contentsOf: Data("CONTENT".utf8))
        try handle.close()
        if !whileMounted { try mounted.mount() }
        try MountedRepository.dropKernelCaches()
        #expect(try mounted.text("/file") == "content")
        #expect(try FileManager.default.contentsOfDirectory(atPath: mounted.cache + "/quarantine").count == 1)
    }

    @Test(
        "on a full disk what fits into memory is read and not kept; the rest is an error, never a short file"
    )
    func fullDisk() throws {
        let large = String(repeating: "x", count: 8 << 20)
        let huge = String(repeating: "y", count: 80 << 20)
        try repository.publish(
            [.text("/large", large), .text("/huge", huge), .text("/file", "content")],
            revision: 6
        )
        let small = try scratch.directory("cache")
        let mountedDisk = try BuiltProgram.run(
            "/usr/bin/env",
            ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", small]
        )
        try #require(mountedDisk.status == 0)
        defer { _ = try? BuiltProgram.run("/usr/bin/env", ["umount", "-l", small]) }
        let mounted = try mount()
        #expect(throws: (any Error).self) { try mounted.text("/huge") }
        #expect(try mounted.text("/large") == large)
        #expect(try mounted.text("/file") == "content")
        try mounted.unmount()
    }

    @Test("the cache stays within its limit, and what was evicted is fetched again")
    func eviction() throws {
        let contents = (0..<20).map { String(repeating: "\($0 % 10)", count: 1 << 20) + "\($0)" }
        try repository.publish(contents.enumerated().map { .text("/f\($0)", $1) }, revision: 6)
        let mounted = try mount(["cache-limit=8MiB"])
        for round in 0..<2 {
            for (number, content) in contents.enumerated() {
                #expect(try mounted.text("/f\(number)") == content, "file \(number) in round \(round)")
            }
        }
        let sizes = try FileManager.default.subpathsOfDirectory(atPath: mounted.cache)
            .map {
                try FileManager.default.attributesOfItem(atPath: mounted.cache + "/" + $0)[.size] as? Int ?? 0
            }
        // Objects that the client has open count only once they are closed.
        #expect(sizes.reduce(0, +) < 30 << 20)
    }

    @Test("without a key nothing is mounted, and the message says how to get one")
    func withoutKey() throws {
        let target = try scratch.directory("mount")
        let arguments = ["mount", "nokey.example.org", target, "--server", repository.directory]
        let outcome = try BuiltProgram.run(BuiltProgram.wharf, arguments)
        #expect(outcome.status == 1)
        #expect(outcome.errors.contains("sha256sum") && outcome.errors.contains("--public-key"))
    }

    struct Usage: Sendable {
        let arguments: [String]
        let status: Int32
    }

    @Test(
        "wrong usage is status 2, help is status 0",
        arguments: [
            Usage(arguments: ["mount"], status: 2), Usage(arguments: ["--nonsense"], status: 2),
            Usage(arguments: ["--help"], status: 0), Usage(arguments: ["version"], status: 0),
        ]
    )
    func usage(_ usage: Usage) throws {
        #expect(try BuiltProgram.run(BuiltProgram.wharf, usage.arguments).status == usage.status)
    }
}
