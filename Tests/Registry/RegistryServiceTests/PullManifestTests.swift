// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

import BlobStorage
import MetadataStore
import MetadataStoreSQLite
import OCISpec
import RegistryService
import TestSupport
import Testing

@Suite struct PullManifestTests {
    private static func index(_ note: String) -> [UInt8] {
        Array("{\"schemaVersion\":2,\"manifests\":[],\"annotations\":{\"note\":\"\(note)\"}}".utf8)
    }

    private func withStores(_ body: (RegistryStores) async throws -> Void) async throws {
        try await TestScope.run { scope in
            let stores = RegistryStores(
                blobs: MemoryBlobStorage(),
                metadata: try SQLiteMetadataStore(path: scope.path("wharf.db")),
                now: { Timestamp(millisecondsSince1970: 0) }
            )
            try await body(stores)
        }
    }

    @Test("what is kept of earlier pulls never hides a push, a moved tag or a deletion")
    func fresh() async throws {
        try await withStores { stores in
            let (pull, push) = (PullManifest(stores), PushManifest(stores))
            let name = try #require(RepositoryName("a"))
            let tag = Reference.tag(try #require(TagName("v")))
            for note in ["one", "two", "one", "three"] {
                let pushed = PushManifest.Push(
                    repository: name,
                    reference: tag,
                    bytes: Self.index(note),
                    mediaType: nil
                )
                _ = try await push(pushed)
                for _ in 0..<3 { #expect(try await pull(tag, in: name).bytes == Self.index(note)) }
            }
            let digest = Reference.digest(try await pull(tag, in: name).digest)
            _ = try await pull(digest, in: name)
            try await DeleteContent(stores).manifest(tag, in: name)
            await #expect(throws: RegistryProblem.self) { try await pull(tag, in: name) }
            #expect(try await pull(digest, in: name).bytes == Self.index("three"))
            try await DeleteContent(stores).manifest(digest, in: name)
            await #expect(throws: RegistryProblem.self) { try await pull(digest, in: name) }
        }
    }

    @Test("an upload does not make the registry forget what it has read, and a tag does")
    func generation() async throws {
        try await withStores { stores in
            let before = stores.metadata.manifestGeneration
            let name = try #require(RepositoryName("a"))
            _ = try await UploadBlob(stores).start(in: name)
            #expect(stores.metadata.manifestGeneration == before)
            let pushed = PushManifest.Push(
                repository: name,
                reference: .tag(.latest),
                bytes: Self.index("x"),
                mediaType: nil
            )
            _ = try await PushManifest(stores)(pushed)
            let after = stores.metadata.manifestGeneration
            #expect(after != before)
            _ = try await PushManifest(stores)(pushed)
            #expect(stores.metadata.manifestGeneration == after)
        }
    }
}
