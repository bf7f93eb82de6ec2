// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

import CVMFSFormat
import Dispatch
import MountClient
import RepositoryFixtures
import Synchronization
import Testing

#if canImport(Glibc)
import Glibc
#endif

@Suite("the secret of the numbers")
struct NumberSecretTests {
    private let repository: RepositoryFQRN

    init() throws { repository = try #require(RepositoryFQRN("numbers.example.org")) }

    @Test("a secret is kept, for its owner alone")
    func kept() throws {
        let scratch = try ScratchDirectory()
        let directory = scratch.path
        let first = secret(in: directory)
        #expect(secret(in: directory) == first)
        var status = stat()
        #expect(stat("\(directory)/numbers.numbers.example.org", &status) == 0)
        #expect(status.st_mode & 0o777 == 0o600)
    }

    @Test("many who make it at once agree")
    func race() throws {
        let scratch = try ScratchDirectory()
        let directory = scratch.path
        let secrets = Mutex<Set<UInt64>>([])
        DispatchQueue.concurrentPerform(iterations: 16) { _ in
            let secret = secret(in: directory)
            secrets.withLock { _ = $0.insert(secret) }
        }
        #expect(secrets.withLock { $0.count } == 1)
    }

    @Test(
        "what is no secret is replaced",
        arguments: ["", "0123", "0123456789abcdeg\n", "0123456789abcdef\n\n"]
    )
    func damaged(content: String) throws {
        let scratch = try ScratchDirectory()
        let directory = scratch.path
        let path = "\(directory)/numbers.numbers.example.org"
        let bytes = Array(content.utf8)
        let descriptor = open(path, O_WRONLY | O_CREAT, 0o600)
        #expect(write(descriptor, bytes, bytes.count) == bytes.count)
        close(descriptor)
        let secret = secret(in: directory)
        #expect(self.secret(in: directory) == secret)
    }

    @Test("without a place for it every start has another, and says so")
    func homeless() {
        let lines = Mutex<[String]>([])
        let secrets = (0..<2).map { _ in
            NumberSecret.kept(in: "/nowhere", for: repository) { line in lines.withLock { $0.append(line) } }
        }
        #expect(secrets[0] != secrets[1])
        #expect(lines.withLock { $0.count } == 2)
    }

    private func secret(in directory: String) -> UInt64 {
        NumberSecret.kept(in: directory, for: repository) { Issue.record("\($0)") }
    }
}
