// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

import BlobStorage
import Digests
import MetadataStore
import MetadataStoreSQLite
import OCISpec
import RegistryService
import TestSupport
import Testing

@Suite struct ManifestMemoryTests {
    private static func index(_ note: String) -> [UInt8] {
        Array(#"{"schemaVersion":2,"manifests":[],"annotations":{"note":"\#(note)"}}"#.utf8)
    }

    private static func push(_ note: String, _ stores: RegistryStores, _ name: RepositoryName, _ tag: TagName)
        async throws
        -> OCIDigest
    {
        try await PushManifest(stores)(
            PushManifest.Push(
                repository: name,
                reference: .tag(tag),
                bytes: index(note),
                mediaType: MediaType.ociIndex,
                actor: .server
            )
        ).digest
    }

    private func withStores(_ body: (RegistryStores, RepositoryName, TagName) async throws -> Void)
        async throws
    {
        try await TestScope.run { scope in
            let stores = RegistryStores(
                blobs: MemoryBlobStorage(),
                metadata: try SQLiteMetadataStore(path: scope.path("wharf.db")),
                now: { Timestamp(millisecondsSince1970: 0) }
            )
            try await body(stores, try #require(RepositoryName("a")), try #require(TagName("1")))
        }
    }

    @Test("a tag that was moved is never answered from memory, however many readers there are meanwhile")
    func moves() async throws {
        try await withStores { stores, name, tag in
            let pull = PullManifest(stores)
            _ = try await Self.push("start", stores, name, tag)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<4 {
                    group.addTask {
                        while !Task.isCancelled {
                            _ = try? await pull(.tag(tag), in: name)
                            // An answer from memory never waits.
                            await Task.yield()
                        }
                    }
                }
                for number in 0..<200 {
                    let digest = try await Self.push("\(number)", stores, name, tag)
                    let found = try await pull(.tag(tag), in: name).digest
                    #expect(found == digest)
                    guard number % 10 == 0 else { continue }
                    try await DeleteContent(stores).manifest(.digest(digest), in: name, by: .server)
                    for reference in [Reference.tag(tag), .digest(digest)] {
                        await #expect(throws: RegistryProblem.self) {
                            _ = try await pull(reference, in: name)
                        }
                    }
                }
                group.cancelAll()
            }
        }
    }

    @Test("what is remembered is bounded, and what is asked for again stays right")
    func bounded() async throws {
        try await withStores { stores, name, _ in
            let pull = PullManifest(stores)
            var digests: [TagName: OCIDigest] = [:]
            let note = String(repeating: "x", count: 200_000)
            for number in 0..<120 {
                let tag = try #require(TagName("t\(number)"))
                digests[tag] = try await Self.push("\(number)\(note)", stores, name, tag)
            }
            for _ in 0..<2 {
                for (tag, digest) in digests {
                    #expect(try await pull(.tag(tag), in: name).digest == digest)
                    #expect(try await pull(.tag(tag), in: name).bytes.count > 200_000)
                }
            }
        }
    }
}
