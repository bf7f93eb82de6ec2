// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

package import BlobStorage
internal import Digests
internal import NIOCore
internal import Testing

/// What every driver of the blob storage must do, and its twin in memory too.
package struct BlobStorageConformance: Sendable {
    private let storage: any BlobStorage

    /// Takes an empty storage.
    package init(_ storage: any BlobStorage) { self.storage = storage }

    /// Runs everything.
    package func run() async throws {
        try await storesInPieces()
        try await storesNothing()
        try await refusesAnotherDigest()
        try await goesOnWhereItStood()
        try await cutsBack()
        try await takesHints()
        try await lendsToOne()
        try await forgets()
        try await lists()
        try await setsAside()
    }

    private func setsAside() async throws {
        let content = Self.content(1_000)
        let digest = OCIDigest(of: content)
        func store(_ id: Int) async throws {
            _ = try await storage.withUpload(Self.id(id)) { upload in
                try await upload.append(ByteBuffer(bytes: content))
                return try await upload.finish(as: digest)
            }
        }
        try await store(9)
        let first = try #require(try await storage.open(digest))
        #expect(try await storage.quarantine(digest, holding: first))
        #expect(try await storage.size(of: digest) == nil)
        #expect(try await !storage.quarantine(digest, holding: first))
        // Open contents outlive it, and the blob can be stored anew.
        #expect(try await first.read(at: 0, count: 5).readableBytes == 5)
        try await store(9)
        #expect(try await storage.size(of: digest) == 1_000)
        _ = try await storage.delete(digest)
    }

    /// A hint about the algorithm changes nothing but time, be it right, wrong or late.
    private func takesHints() async throws {
        let content = Self.content(1_000)
        for (number, hint) in [DigestAlgorithm.sha256, .sha512].enumerated() {
            for algorithm in [DigestAlgorithm.sha256, .sha512] {
                let digest = OCIDigest(algorithm, of: content)
                let size = try await storage.withUpload(Self.id(8 + number)) { upload in
                    try await upload.expect(hint)
                    try await upload.append(ByteBuffer(bytes: content[..<500]))
                    try await upload.expect(algorithm)
                    try await upload.append(ByteBuffer(bytes: content[500...]))
                    return try await upload.finish(as: digest)
                }
                #expect(size == 1_000)
                #expect(try await storage.delete(digest))
            }
        }
    }

    private func storesInPieces() async throws {
        let content = Self.content(3_000_001)
        let digest = OCIDigest(of: content)
        #expect(try await storage.size(of: digest) == nil)
        #expect(try await storage.open(digest) == nil)
        let size = try await storage.withUpload(Self.id(1)) { upload in
            for start in stride(from: 0, to: content.count, by: 700_000) {
                let piece = content[start..<min(start + 700_000, content.count)]
                try await upload.append(ByteBuffer(bytes: piece))
            }
            return try await upload.finish(as: digest)
        }
        #expect(size == Int64(content.count))
        #expect(try await storage.size(of: digest) == size)
        let blob = try #require(try await storage.open(digest))
        #expect(Array(try await blob.read(at: 0, count: 10_000_000).readableBytesView) == content)
        #expect(Array(try await blob.read(at: 999, count: 5).readableBytesView) == Array(content[999..<1004]))
        #expect(try await blob.read(at: size, count: 5).readableBytes == 0)
        // Open contents outlive their deletion.
        #expect(try await storage.delete(digest))
        #expect(try await !storage.delete(digest))
        #expect(Array(try await blob.read(at: 1, count: 2).readableBytesView) == Array(content[1..<3]))
        #expect(try await storage.size(of: digest) == nil)
    }

    private func storesNothing() async throws {
        let digest = OCIDigest(.sha512, of: [])
        let found = try await storage.withUpload(Self.id(2)) { try await $0.finish(as: digest) }
        #expect(found == 0)
        #expect(try await storage.size(of: digest) == 0)
        _ = try await storage.delete(digest)
    }

    private func refusesAnotherDigest() async throws {
        let wrong = OCIDigest(of: Array("other".utf8))
        let problem = await #expect(throws: BlobProblem.self) {
            try await storage.withUpload(Self.id(3)) { upload in
                try await upload.append(ByteBuffer(string: "content"))
                return try await upload.finish(as: wrong)
            }
        }
        #expect(problem?.code == .digestMismatch)
        #expect(try await storage.size(of: wrong) == nil)
        let found = try await storage.withUpload(Self.id(3)) { $0.offset }
        #expect(found == 7)
        try await storage.discardUpload(Self.id(3))
    }

    private func goesOnWhereItStood() async throws {
        try await storage.withUpload(Self.id(4)) { try await $0.append(ByteBuffer(string: "first ")) }
        try await storage.withUpload(Self.id(4)) { upload in
            #expect(upload.offset == 6)
            try await upload.append(ByteBuffer(string: "second"))
        }
        let digest = OCIDigest(of: Array("first second".utf8))
        let found = try await storage.withUpload(Self.id(4)) { try await $0.finish(as: digest) }
        #expect(found == 12)
        _ = try await storage.delete(digest)
    }

    private func cutsBack() async throws {
        let digest = OCIDigest(of: Array("abxy".utf8))
        try await storage.withUpload(Self.id(5)) { upload in
            try await upload.append(ByteBuffer(string: "abcd"))
            try await upload.truncate(to: 2)
            #expect(upload.offset == 2)
            await #expect(throws: BlobProblem.self) { try await upload.truncate(to: 3) }
            try await upload.append(ByteBuffer(string: "xy"))
            _ = try await upload.finish(as: digest)
        }
        #expect(try await storage.delete(digest))
    }

    private func lendsToOne() async throws {
        try await storage.withUpload(Self.id(6)) { _ in
            let problem = await #expect(throws: BlobProblem.self) {
                try await storage.withUpload(Self.id(6)) { $0.offset }
            }
            #expect(problem?.code == .uploadBusy)
        }
        let found = try await storage.withUpload(Self.id(6)) { $0.offset }
        #expect(found == 0)
        try await storage.discardUpload(Self.id(6))
    }

    private func forgets() async throws {
        try await storage.withUpload(Self.id(7)) { try await $0.append(ByteBuffer(string: "gone")) }
        #expect(try await storage.uploads() == [Self.id(7)])
        try await storage.discardUpload(Self.id(7))
        try await storage.discardUpload(Self.id(7))
        #expect(try await storage.uploads().isEmpty)
        let found = try await storage.withUpload(Self.id(7)) { $0.offset }
        #expect(found == 0)
        try await storage.discardUpload(Self.id(7))
    }

    private func lists() async throws {
        var expected: [OCIDigest] = []
        for number in 0..<20 {
            let content = Array("blob \(number)".utf8)
            let digest = OCIDigest(number < 15 ? .sha256 : .sha512, of: content)
            try await storage.withUpload(Self.id(8)) { upload in
                try await upload.append(ByteBuffer(bytes: content))
                _ = try await upload.finish(as: digest)
            }
            expected.append(digest)
        }
        expected.sort { $0.description < $1.description }
        #expect(try await storage.digests(after: nil, limit: 100) == expected)
        var paged: [OCIDigest] = []
        while true {
            let page = try await storage.digests(after: paged.last, limit: 3)
            if page.isEmpty { break }
            paged += page
        }
        #expect(paged == expected)
    }

    private static func id(_ digit: Int) throws -> UploadID {
        try #require(UploadID(String(repeating: "\(digit)", count: 32)))
    }

    private static func content(_ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 7) }
    }
}
