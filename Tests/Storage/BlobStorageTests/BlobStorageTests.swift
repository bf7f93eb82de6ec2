// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

import BlobStorage
import Digests
import Glibc
import NIOCore
import NIOPosix
import StorageConformance
import Synchronization
import TestSupport
import Testing

@Suite struct BlobStorageTests {
    @Test("the twin in memory keeps the contract")
    func memory() async throws {
        try await BlobStorageConformance(MemoryBlobStorage()).run()
    }

    @Test("the directory driver keeps the contract")
    func directory() async throws {
        try await TestScope.run { scope in
            let storage = try DirectoryBlobStorage(root: scope.directory, threads: .singleton)
            try await BlobStorageConformance(storage).run()
        }
    }

    private static func id(_ digit: String) throws -> UploadID {
        try #require(UploadID(String(repeating: digit, count: 32)))
    }

    @Test("an upload goes on after a restart, and its first bytes count for the digest")
    func resumption() async throws {
        try await TestScope.run { scope in
            let id = try Self.id("a")
            let first = try DirectoryBlobStorage(root: scope.directory, threads: .singleton)
            try await first.withUpload(id) { try await $0.append(ByteBuffer(string: "before ")) }
            let second = try DirectoryBlobStorage(root: scope.directory, threads: .singleton)
            #expect(try await second.uploads() == [id])
            let digest = OCIDigest(of: Array("before after".utf8))
            try await second.withUpload(id) { upload in
                #expect(upload.offset == 7)
                try await upload.append(ByteBuffer(string: "after"))
                _ = try await upload.finish(as: digest)
            }
            #expect(try await second.size(of: digest) == 12)
            #expect(try await second.uploads().isEmpty)
        }
    }

    @Test("a full disk is told as such, and what was received before stays whole")
    func fullDisk() async throws {
        try await TestScope.run { scope in
            let room = Mutex(10)
            var calls = FileCalls.system
            calls.write = { file, bytes, offset in
                let count = room.withLock { room in
                    let count = min(room, bytes.count)
                    room -= count
                    return count
                }
                guard count > 0 else {
                    errno = ENOSPC
                    return -1
                }
                return pwrite(file, bytes.baseAddress, count, Int(offset))
            }
            let storage = try DirectoryBlobStorage(root: scope.directory, threads: .singleton, calls: calls)
            let id = try Self.id("b")
            try await storage.withUpload(id) { upload in
                try await upload.append(ByteBuffer(string: "12345678"))
                let problem = await #expect(throws: BlobProblem.self) {
                    try await upload.append(ByteBuffer(string: "abcdefgh"))
                }
                #expect(problem?.code == .outOfSpace)
                #expect(upload.offset == 8)
                room.withLock { $0 = 100 }
                try await upload.append(ByteBuffer(string: "9"))
                _ = try await upload.finish(as: OCIDigest(of: Array("123456789".utf8)))
            }
        }
    }

    @Test("short writes are continued")
    func shortWrites() async throws {
        try await TestScope.run { scope in
            var calls = FileCalls.system
            calls.write = { pwrite($0, $1.baseAddress, min($1.count, 3), Int($2)) }
            let storage = try DirectoryBlobStorage(root: scope.directory, threads: .singleton, calls: calls)
            let digest = OCIDigest(of: Array("a content of some length".utf8))
            let size = try await storage.withUpload(Self.id("c")) { upload in
                try await upload.append(ByteBuffer(string: "a content of some length"))
                return try await upload.finish(as: digest)
            }
            #expect(size == 24)
            #expect(try await storage.size(of: digest) == 24)
        }
    }

    @Test("a failed sync or rename leaves no blob, and a retry succeeds", arguments: ["sync", "rename"])
    func failedFinish(call: String) async throws {
        try await TestScope.run { scope in
            let fails = Mutex(true)
            var calls = FileCalls.system
            if call == "sync" { calls.sync = { fails.withLock { $0 } ? -1 : fsync($0) } }
            if call == "rename" { calls.rename = { fails.withLock { $0 } ? -1 : Glibc.rename($0, $1) } }
            let storage = try DirectoryBlobStorage(root: scope.directory, threads: .singleton, calls: calls)
            let digest = OCIDigest(of: Array("x".utf8))
            try await storage.withUpload(Self.id("d")) { upload in
                try await upload.append(ByteBuffer(string: "x"))
                await #expect(throws: BlobProblem.self) { try await upload.finish(as: digest) }
                #expect(try await storage.size(of: digest) == nil)
                fails.withLock { $0 = false }
                _ = try await upload.finish(as: digest)
            }
            #expect(try await storage.size(of: digest) == 1)
        }
    }

    @Test("only plain files are served: no links, directories or FIFOs")
    func plainFiles() async throws {
        try await TestScope.run { scope in
            try scope.write(Array("x".utf8), to: "file")
            symlink(scope.path("file"), scope.path("link"))
            mkfifo(scope.path("fifo"), 0o644)
            let files = PlainFiles(threads: .singleton)
            #expect(try await files.open(scope.path("file"))?.size == 1)
            for name in ["link", "fifo", "none", "file/below"] {
                #expect(try await files.open(scope.path(name)) == nil, "\(name)")
            }
            #expect(try await files.open(scope.directory) == nil)
        }
    }
}
