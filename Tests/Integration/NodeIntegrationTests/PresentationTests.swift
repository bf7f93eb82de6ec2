// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import RepositoryFixtures
import Testing

/// Which revision is shown, to whom, and how large a file may be.
@Suite(
    "presentation",
    .serialized,
    .enabled(if: MountedRepository.isPossible, "\(MountedRepository.requirement)")
)
struct PresentationTests {
    let scratch: ScratchDirectory
    let repository: RepositoryFixture

    init() throws {
        scratch = try ScratchDirectory()
        repository = try RepositoryFixture("shown.example.org", in: scratch)
    }

    private func mount(_ options: String...) throws -> MountedRepository {
        try MountedRepository(repository, in: scratch, options: options)
    }

    @Test("a root catalog that is named is shown for ever, without a manifest")
    func rootHash() throws {
        let root = try repository.publish([.text("/file", "1")], revision: 1)
        try repository.publish([.text("/file", "2")], revision: 2)
        try FileManager.default.removeItem(atPath: repository.directory + "/.cvmfspublished")
        let mounted = try mount("CVMFS_ROOT_HASH=\(root)", "CVMFS_REPOSITORY_TAG=none")
        #expect(try mounted.text("/file") == "1")
        let told = try BuiltProgram.run(
            "/usr/bin/env",
            ["getfattr", "--only-values", "-n", "user.expires", mounted.path]
        )
        #expect(told.output == "never (fixed root catalog)")
    }

    @Test("without updates the revision of the mount stays")
    func noUpdates() throws {
        try repository.publish([.text("/file", "1")], revision: 1)
        let mounted = try mount("CVMFS_AUTO_UPDATE=no", "refresh=50ms")
        // One that follows the repository tells when the other would have followed, too.
        let other = try ScratchDirectory()
        let following = try MountedRepository(repository, in: other, options: ["refresh=50ms"])
        try repository.publish([.text("/file", "2")], revision: 2)
        for _ in 0..<2 {
            let told = try BuiltProgram.run(
                BuiltProgram.wharf,
                ["client", "talk", following.path, "remount"]
            )
            #expect(told.status == 0)
        }
        #expect(try following.text("/file") == "2")
        let told = try BuiltProgram.run(BuiltProgram.wharf, ["client", "talk", mounted.path, "remount"])
        #expect(told.output == "Catalog up to date\n")
        #expect(try mounted.text("/file") == "1")
    }

    @Test("a date before the first tag, and one that is none, are refused")
    func dates() throws {
        let root = try repository.publish([.text("/file", "1")], revision: 1)
        try repository.publish([.text("/file", "2")], revision: 2, tags: ["one": root])
        #expect(throws: MountedRepository.Refusal.self) {
            try mount("CVMFS_REPOSITORY_DATE=2001-01-01T00:00:00Z")
        }
        #expect(throws: MountedRepository.Refusal.self) { try mount("date=yesterday") }
        #expect(throws: MountedRepository.Refusal.self) { try mount("date=2026-02-30T00:00:00Z") }
        #expect(try mount("date=2100-01-01T00:00:00Z").text("/file") == "1")
    }

    /// The kernel's form of an ACL: version 2, then tag, permissions and number of each entry.
    private static func accessList(_ entries: [(tag: UInt16, permissions: UInt16, id: UInt32)]) -> [UInt8] {
        var bytes: [UInt8] = [2, 0, 0, 0]
        for entry in entries {
            withUnsafeBytes(of: entry.tag.littleEndian) { bytes += $0 }
            withUnsafeBytes(of: entry.permissions.littleEndian) { bytes += $0 }
            withUnsafeBytes(of: entry.id.littleEndian) { bytes += $0 }
        }
        return bytes
    }

    @Test("ACLs count if that is asked for", arguments: [true, false])
    func accessLists(isEnforced: Bool) throws {
        var file = FixtureEntry("/file", .file(Array("for one".utf8)), permissions: 0o640)
        // Owner, user 4321, group, mask, others.
        file.rawAttributes["system.posix_acl_access"] = Self.accessList([
            (1, 6, .max), (2, 4, 4321), (4, 0, .max), (16, 4, .max), (32, 0, .max),
        ])
        try repository.publish([file], revision: 1)
        let mounted = try mount("CVMFS_ENFORCE_ACLS=\(isEnforced ? "yes" : "no")")
        for (user, mayRead) in [("4321", isEnforced), ("4322", false)] {
            let outcome = try BuiltProgram.run(
                "/usr/bin/env",
                [
                    "setpriv", "--reuid=\(user)", "--regid=\(user)", "--clear-groups", "cat",
                    mounted.path + "/file",
                ]
            )
            #expect((outcome.status == 0) == mayRead, "user \(user): \(outcome.errors)")
        }
    }

    @Test("without checks of permissions everybody reads everything")
    func noChecks() throws {
        try repository.publish(
            [FixtureEntry("/file", .file(Array("x".utf8)), permissions: 0o600)],
            revision: 1
        )
        let mounted = try mount("CVMFS_CHECK_PERMISSIONS=no")
        let outcome = try BuiltProgram.run(
            "/usr/bin/env",
            ["setpriv", "--reuid=4321", "--regid=4321", "--clear-groups", "cat", mounted.path + "/file"]
        )
        #expect(outcome.status == 0 && outcome.output == "x")
    }

    @Test("a file of a tebibyte is read at its start, middle and end", arguments: ["none", "passthrough"])
    func tebibyte(mode: String) throws {
        let piece = (0..<(16 << 20)).map { UInt8(truncatingIfNeeded: $0 &* 7 ^ $0 >> 11) }
        try repository.publish([FixtureEntry("/large", .repeated(piece, count: 1 << 16))], revision: 1)
        let mounted = try mount("open=\(mode)")
        let file = open(mounted.path + "/large", O_RDONLY)
        defer { close(file) }
        let size = off_t(1) << 40
        #expect(lseek(file, 0, SEEK_END) == size)
        var buffer = [UInt8](repeating: 0, count: 100_000)
        for offset in [0, 1, (16 << 20) - 5, size / 2 - 7, size - 100_000, size - 3] {
            let wanted = min(buffer.count, Int(size - offset))
            var count = 0
            while count < wanted {
                let step = pread(file, &buffer[count], wanted - count, offset + off_t(count))
                try #require(step > 0)
                count += step
            }
            let isEqual = (0..<count).allSatisfy { buffer[$0] == piece[(Int(offset) + $0) % piece.count] }
            #expect(isEqual, "at \(offset)")
        }
        #expect(pread(file, &buffer, 10, size) == 0)
    }
}
