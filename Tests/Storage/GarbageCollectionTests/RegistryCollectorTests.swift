// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

import Digests
import Dispatch
import GarbageCollection
import MetadataStore
import MetadataStoreSQLite
import OCISpec
import RegistryService
import Synchronization
import Testing

@Suite struct RegistryCollectorTests {
    private static let grace = CollectedRegistry.grace

    @Test(
        "a blob that no manifest needs goes after its grace, counted from when it became so, whatever its age"
    )
    func grace() async throws {
        try await CollectedRegistry.run { registry in
            for content in ["config", "layer", "loose"] { try await registry.upload(content, to: "a/b") }
            let image = try await registry.push(["config", "layer"], to: "a/b", tag: "1")
            registry.pass(100 * Self.grace)
            try await registry.collect()
            try await registry.delete(.digest(image), in: "a/b")
            registry.pass(Self.grace)
            #expect(try await registry.collect().map(\.kind) == ["blob"])
            #expect(try await !registry.isStored("loose"))
            #expect(try await registry.isStored("layer"))
            registry.pass(Self.grace - 1)
            #expect(try await registry.collect().isEmpty)
            registry.pass(1)
            #expect(try await registry.collect().count == 2)
            #expect(try await !registry.isStored("layer"))
            #expect(try await !registry.has("layer", in: "a/b"))
        }
    }

    @Test("whoever asked for a blob may refer to it for one grace")
    func headThenReference() async throws {
        try await CollectedRegistry.run { registry in
            for content in ["config", "layer"] { try await registry.upload(content, to: "a/b") }
            try await registry.collect()
            registry.pass(Self.grace)
            for content in ["config", "layer"] { #expect(try await registry.has(content, in: "a/b")) }
            registry.pass(Self.grace - 1)
            #expect(try await registry.collect().isEmpty)
            let image = try await registry.push(["config", "layer"], to: "a/b", tag: "1")
            registry.pass(10 * Self.grace)
            #expect(try await registry.collect().isEmpty)
            #expect(try await registry.hasManifest(image, in: "a/b"))
        }
    }

    @Test("a mounted blob stays while its source goes")
    func mount() async throws {
        try await CollectedRegistry.run { registry in
            let digest = try await registry.upload("layer", to: "a/b")
            try await registry.collect()
            registry.pass(Self.grace)
            let source = registry.name("a/b")
            let isMounted = try await MountBlob(registry.stores)(
                digest,
                from: source,
                to: registry.name("c/d")
            ) { _ in
                true
            }
            #expect(isMounted)
            #expect(try await registry.collect().isEmpty)
            #expect(try await !registry.has("layer", in: "a/b"))
            #expect(try await registry.has("layer", in: "c/d"))
        }
    }

    @Test("a manifest that comes between mark and sweep keeps its blobs")
    func manifestBetween() async throws {
        try await CollectedRegistry.run { registry in
            for content in ["config", "layer"] { try await registry.upload(content, to: "a/b") }
            try await registry.collect()
            registry.pass(Self.grace)
            // The run goes on when the push is done: it is told of its first batch, which is before it sweeps.
            try await registry.collect { run in
                guard run.seen == 0 || run.removed.isEmpty else { return }
                let semaphore = DispatchSemaphore(value: 0)
                Task {
                    try await registry.push(["config", "layer"], to: "a/b", tag: "1")
                    semaphore.signal()
                }
                semaphore.wait()
            }
            registry.pass(2 * Self.grace)
            try await registry.collect()
            #expect(try await registry.has("layer", in: "a/b"))
        }
    }

    @Test("a blob that is stored again while its removal is under way is there afterwards")
    func storedAgain() async throws {
        struct Killed: Error {}
        try await CollectedRegistry.run { registry in
            try await registry.upload("layer", to: "a/b")
            try await registry.collect()
            registry.pass(Self.grace)
            // Killed when it has condemned the blob.
            await #expect(throws: Killed.self) {
                try await registry.collect { run in
                    if run.removed["links"] == 1 { throw Killed() }
                }
            }
            #expect(try await !registry.has("layer", in: "a/b"))
            #expect(try await registry.isStored("layer"))
            try await registry.upload("layer", to: "c/d")
            #expect(try await registry.collect().isEmpty)
            #expect(try await registry.has("layer", in: "c/d"))
            registry.pass(Self.grace)
            try await registry.collect()
            #expect(try await !registry.isStored("layer"))
        }
    }

    @Test("children of an index stay with it, and go with a grace of their own")
    func children() async throws {
        try await CollectedRegistry.run { registry in
            for content in ["config", "one", "two"] { try await registry.upload(content, to: "a/b") }
            let children = [
                try await registry.push(["config", "one"], to: "a/b"),
                try await registry.push(["config", "two"], to: "a/b"),
            ]
            try await registry.pushIndex(children, to: "a/b", tag: "all")
            try await registry.collect()
            registry.pass(10 * Self.grace)
            #expect(try await registry.collect().isEmpty)
            try await registry.delete(.tag(try #require(TagName("all"))), in: "a/b")
            try await registry.collect()
            registry.pass(Self.grace)
            // The index; its children are looked at again only then.
            #expect(try await registry.collect().map(\.kind) == ["manifest"])
            for child in children { #expect(try await registry.hasManifest(child, in: "a/b")) }
            try await registry.collect()
            registry.pass(Self.grace)
            #expect(try await registry.collect().map(\.kind) == ["manifest", "manifest"])
            try await registry.collect()
            registry.pass(Self.grace)
            #expect(try await registry.collect().map(\.kind) == ["blob", "blob", "blob"])
        }
    }

    @Test("a manifest that is pulled by its digest stays, however old it is")
    func pulledByDigest() async throws {
        try await CollectedRegistry.run { registry in
            try await registry.upload("config", to: "a/b")
            let image = try await registry.push(["config"], to: "a/b")
            for _ in 0..<5 {
                try await registry.collect()
                registry.pass(Self.grace - 1)
                #expect(try await registry.hasManifest(image, in: "a/b"))
                #expect(try await registry.hasManifest(image, in: "a/b"))
            }
            registry.pass(Self.grace)
            #expect(try await registry.collect().map(\.name) == ["\(image)"])
        }
    }

    @Test("what refers to a manifest stays with it, and goes with a grace of its own when that is deleted")
    func referrers() async throws {
        try await CollectedRegistry.run { registry in
            for content in ["config", "signature"] { try await registry.upload(content, to: "a/b") }
            let image = try await registry.push(["config"], to: "a/b", tag: "1")
            let signature = try await registry.push(["signature"], to: "a/b", subject: image)
            try await registry.collect()
            registry.pass(10 * Self.grace)
            #expect(try await registry.collect().isEmpty)
            try await registry.delete(.digest(image), in: "a/b")
            try await registry.collect()
            registry.pass(Self.grace - 1)
            // The subject comes back in time.
            #expect(try await registry.push(["config"], to: "a/b", tag: "1") == image)
            registry.pass(Self.grace)
            #expect(try await registry.collect().isEmpty)
            try await registry.delete(.digest(image), in: "a/b")
            try await registry.collect()
            registry.pass(Self.grace)
            #expect(try await registry.collect().contains { $0.name == "\(signature)" })
        }
    }

    @Test("jumps of the wall clock end no grace", arguments: [34_560_000_000, -34_560_000_000] as [Int64])
    func clockJumps(_ jump: Int64) async throws {
        try await CollectedRegistry.run { registry in
            try await registry.upload("layer", to: "a/b")
            try await registry.collect()
            registry.jump(jump)
            #expect(try await registry.collect().isEmpty)
            registry.pass(Self.grace)
            #expect(try await registry.collect().count == 1)
        }
    }

    @Test("files of which the database knows nothing go after a grace from when they were found")
    func strays() async throws {
        try await CollectedRegistry.run { registry in
            let digest = try await registry.upload("layer", to: "a/b")
            try await registry.metadata.write { transaction in
                let name = try #require(RepositoryName("a/b"))
                let row = try #require(try transaction.repository(named: name))
                _ = try transaction.unlinkBlob(digest, from: row)
                try transaction.holdBlob(digest, at: Timestamp(millisecondsSince1970: 0))
                #expect(
                    try transaction.condemnBlobs(deadline: Timestamp(millisecondsSince1970: 1), limit: 9) == 1
                )
                #expect(try transaction.forgetCondemnedBlob(digest))
            }
            #expect(try await registry.collect().isEmpty)
            registry.pass(Self.grace)
            #expect(try await registry.collect().map(\.name) == ["\(digest)"])
            #expect(try await !registry.isStored("layer"))
        }
    }

    @Test("a dry run names what a run removes, and changes nothing")
    func dryRun() async throws {
        try await CollectedRegistry.run { registry in
            for number in 0..<7 { try await registry.upload("loose \(number)", to: "a/b") }
            try await registry.upload("config", to: "a/b")
            try await registry.push(["config"], to: "a/b")
            #expect(try await registry.collect(isDryRun: true).isEmpty)
            try await registry.collect()
            registry.pass(Self.grace)
            let preview = try await registry.collect(isDryRun: true)
            #expect(preview.count == 8)
            #expect(try await registry.collect(isDryRun: true) == preview)
            #expect(Set(try await registry.collect()) == Set(preview))
        }
    }

    @Test("a run that is killed anywhere is finished by the next one")
    func killedAnywhere() async throws {
        struct Killed: Error {}
        try await CollectedRegistry.run { registry in
            for round in 0..<40 {
                for number in 0..<3 { try await registry.upload("loose \(round) \(number)", to: "a/b") }
                try await registry.upload("kept \(round)", to: "a/b")
                try await registry.push(["kept \(round)"], to: "a/b", tag: "t\(round)")
                try await registry.collect()
                registry.pass(Self.grace)
                let steps = Mutex(round)
                do {
                    try await registry.collect { _ in
                        if steps.withLock({
                            $0 -= 1
                            return $0 < 0
                        }) {
                            throw Killed()
                        }
                    }
                } catch is Killed {}
                try await registry.collect()
                for number in 0..<3 { #expect(try await !registry.isStored("loose \(round) \(number)")) }
                for kept in 0...round { #expect(try await registry.has("kept \(kept)", in: "a/b")) }
            }
        }
    }
}
