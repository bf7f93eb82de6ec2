// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

import Digests
import Foundation
import GarbageCollection
import MetadataStore
import MetadataStoreSQLite
import Synchronization
import Testing

@Suite struct RepositoryCollectorTests {
    private static let grace = CollectedRepository.grace

    @Test(
        "a tree goes a grace after its last link went, and what only it needs a grace after the last snapshot of it"
    )
    func trees() async throws {
        try await CollectedRepository.run { repository in
            try repository.show("one", ["a": "alpha", "b": "shared"], as: "app:1")
            try repository.show("two", ["b": "shared"], as: "app:2")
            repository.pass(100 * Self.grace)
            try repository.collect()
            try repository.hide("app:1")
            try repository.collect()
            repository.pass(Self.grace - 1)
            #expect(try repository.collect().filter { $0.kind == "tree" }.isEmpty)
            #expect(try repository.files().values.contains("alpha"))
            repository.pass(1)
            let trees = try repository.collect().filter { $0.kind == "tree" }
            #expect(trees.map(\.name) == ["\(CollectedRepository.flat("one"))"])
            #expect(try !repository.files().values.contains("alpha"))
            // The automatic snapshots of three days still name it.
            let alpha = try repository.store("alpha").objectPath(.file)
            #expect(try repository.needed().contains(alpha))
            repository.pass(4 * CollectedRepository.day)
            try repository.show("three", ["c": "gamma"], as: "app:3")
            try repository.show("three", ["c": "gamma"], as: "app:4")
            try repository.collect()
            repository.pass(Self.grace)
            #expect(try repository.collect().contains { $0.name == alpha })
            #expect(try repository.files().values.sorted() == ["gamma", "shared"])
        }
    }

    @Test("a link to a tree that comes back in time keeps it")
    func linkedAgain() async throws {
        try await CollectedRepository.run { repository in
            try repository.show("one", ["a": "alpha"], as: "app:1")
            try repository.hide("app:1")
            try repository.collect()
            repository.pass(Self.grace)
            try repository.show("one", ["a": "alpha"], as: "app:2")
            #expect(try repository.collect().filter { $0.kind == "tree" }.isEmpty)
            try repository.hide("app:2")
            try repository.collect()
            repository.pass(Self.grace - 1)
            #expect(try repository.collect().filter { $0.kind == "tree" }.isEmpty)
        }
    }

    @Test(
        "a layer's tree goes a grace after the last manifest that lists it, or after its project wants no layers"
    )
    func layers() async throws {
        try await CollectedRepository.run { repository in
            func trees() throws -> [String] {
                try repository.collect().filter { $0.kind == "tree" }.map(\.name).sorted()
            }
            repository.projectsWithLayers.withLock { $0 = ["team"] }
            try repository.show(layers: ["base", "one"], of: "team/deep/app")
            try repository.show(layers: ["base", "two"], of: "team/tool")
            // A project that does not want them does not keep them either.
            try repository.show(layers: ["one"], of: "other/app")
            repository.pass(Self.grace)
            #expect(try trees().isEmpty)
            repository.pass(Self.grace)
            #expect(try trees().isEmpty)
            try repository.hideLayers(of: "team/deep/app")
            #expect(try trees().isEmpty)
            repository.pass(Self.grace)
            #expect(try trees() == ["\(CollectedRepository.layer("one"))"])
            #expect(try repository.files().values.contains("two"))
            #expect(try repository.files().values.contains("base"))
            repository.projectsWithLayers.withLock { $0 = [] }
            try repository.collect()
            repository.pass(Self.grace)
            #expect(try trees().count == 2)
            #expect(
                try !repository.files().keys.contains {
                    $0.hasPrefix("/.layers/") || $0.hasPrefix(".layers/")
                }
            )
        }
    }

    @Test("a layer's tree stays while a manifest cannot be read")
    func unreadableManifest() async throws {
        try await CollectedRepository.run { repository in
            repository.projectsWithLayers.withLock { $0 = ["team"] }
            try repository.show(layers: ["one"], of: "team/app")
            try repository.hideLayers(of: "team/app")
            try repository.showDamagedManifest(of: "team/tool")
            try repository.collect()
            repository.pass(Self.grace)
            #expect(try repository.collect().filter { $0.kind == "tree" }.isEmpty)
        }
    }

    @Test("the writer is left alone while nothing is to go, and looks again at a tree that has moved on")
    func writerLookedAgain() async throws {
        try await CollectedRepository.run { repository in
            try repository.show("one", ["a": "alpha"], as: "app:1")
            try repository.hide("app:1")
            let asked = Mutex(0)
            repository.beforeWriting.withLock { $0 = { asked.withLock { $0 += 1 } } }
            try repository.collect()
            // Of the reflog alone, which is the writer's, too.
            #expect(asked.withLock { $0 } == 1)
            repository.pass(Self.grace)
            // Between the look and the removal somebody shows the image again.
            let failure = Mutex<String?>(nil)
            repository.beforeWriting.withLock {
                $0 = {
                    let number = asked.withLock { count in
                        count += 1
                        return count
                    }
                    guard number == 2 else { return }
                    do {
                        try repository.show("one", ["a": "alpha"], as: "app:2")
                    } catch {
                        failure.withLock { $0 = "\(error)" }
                    }
                }
            }
            #expect(try repository.collect().filter { $0.kind == "tree" }.isEmpty)
            #expect(asked.withLock { $0 } == 3)
            #expect(failure.withLock { $0 } == nil)
            #expect(try repository.files().values.contains("alpha"))
        }
    }

    @Test("a content that was found while nothing referred to it stays for a grace")
    func found() async throws {
        try await CollectedRepository.run { repository in
            let name = try repository.store("left over").objectPath(.file)
            try repository.flush()
            try repository.collect()
            repository.pass(Self.grace)
            let before = try repository.losses()
            _ = try repository.store("left over")
            #expect(try repository.losses() == before)
            #expect(try !repository.collect().contains { $0.name == name })
            #expect(try repository.stored().contains(name))
            repository.pass(Self.grace)
            #expect(try repository.collect().contains { $0.name == name })
            #expect(try !repository.stored().contains(name))
        }
    }

    @Test("who found a content that went before it was renewed is told, and stores it anew")
    func lost() async throws {
        try await CollectedRepository.run { repository in
            let name = try repository.store("left over").objectPath(.file)
            try repository.flush()
            try repository.collect()
            repository.pass(Self.grace)
            let before = try repository.losses()
            _ = try repository.store("left over")
            try repository.collect()
            #expect(try !repository.stored().contains(name))
            #expect(try repository.losses() == before + 1)
            _ = try repository.store("left over")
            try repository.flush()
            #expect(try repository.stored().contains(name))
            #expect(try repository.losses() == before + 1)
        }
    }

    @Test("what is condemned is not found, and stored again it stays")
    func condemned() async throws {
        struct Killed: Error {}
        try await CollectedRepository.run { repository in
            let hash = try repository.store("left over")
            try repository.flush()
            try repository.collect()
            repository.pass(Self.grace)
            try repository.metadata.condemn(
                [.object(hash, .file)],
                deadline: repository.metadata.collectionClock.now(),
                in: "test.example.org"
            )
            _ = try repository.store("left over")
            try repository.flush()
            try repository.collect()
            #expect(try repository.stored().contains(hash.objectPath(.file)))
        }
    }

    @Test("a dry run names what a run removes, and changes nothing")
    func dryRun() async throws {
        try await CollectedRepository.run { repository in
            for number in 0..<20 { _ = try repository.store("left over \(number)") }
            try repository.flush()
            try repository.show("one", ["a": "alpha"], as: "app:1")
            try repository.hide("app:1")
            #expect(try repository.collect(isDryRun: true).isEmpty)
            try repository.collect()
            repository.pass(Self.grace)
            let before = try repository.stored()
            let preview = try repository.collect(isDryRun: true)
            #expect(preview.count > 20)
            #expect(try repository.stored() == before)
            #expect(Set(try repository.collect()) == Set(preview))
        }
    }

    @Test(
        "whatever is published, hidden and killed, every file of every tree is there, and in the end nothing else is",
        arguments: [1, 2, 3] as [UInt64]
    )
    func mixture(_ seed: UInt64) async throws {
        struct Killed: Error {}
        try await CollectedRepository.run { repository in
            var generator = SeededGenerator(seed)
            var shown: [String: String] = [:]
            let isDone = Mutex(false)
            let failure = Mutex<String?>(nil)
            let runner = Thread {
                var killer = SeededGenerator(seed &+ 1000)
                while !isDone.withLock({ $0 }) {
                    var steps = Int.random(in: 0...400, using: &killer)
                    do {
                        try repository.collect { _ in
                            steps -= 1
                            if steps == 0 { throw Killed() }
                        }
                    } catch is Killed {} catch { failure.withLock { $0 = "\(error)" } }
                }
                isDone.withLock { $0 = false }
            }
            runner.start()
            for round in 0..<60 {
                let link = "app:\(Int.random(in: 0..<5, using: &generator))"
                if Bool.random(using: &generator) {
                    let image = "image \(Int.random(in: 0..<6, using: &generator))"
                    try repository.show(image, Self.files(of: image), as: link)
                    shown[link] = image
                } else {
                    try repository.hide(link)
                    shown[link] = nil
                }
                // Each change is done within a grace, which is three of these; snapshots end after three days.
                repository.pass(Self.grace / 3)
                if round % 10 == 9 { repository.pass(CollectedRepository.day) }
                let files = try repository.files()
                for image in shown.values {
                    for (name, content) in Self.files(of: image) {
                        let path = "\(CollectedRepository.flat(image))/\(name)"
                        #expect(files[path] == content, "seed \(seed), round \(round)")
                    }
                }
            }
            isDone.withLock { $0 = true }
            while isDone.withLock({ $0 }) { Thread.sleep(forTimeInterval: 0.005) }
            #expect(failure.withLock { $0 } == nil)
            // Trees first, then the snapshots of them, then what only those needed.
            for _ in 0..<4 {
                repository.pass(4 * CollectedRepository.day)
                try repository.show("last", ["z": "last \(Date())"], as: "app:last")
                try repository.hide("app:last")
                for _ in 0..<3 {
                    try repository.collect()
                    repository.pass(Self.grace)
                }
            }
            try repository.collect()
            let (stored, needed) = (try repository.stored(), try repository.needed())
            #expect(needed.subtracting(stored).isEmpty, "seed \(seed)")
            #expect(stored.subtracting(needed).isEmpty, "seed \(seed)")
        }
    }

    private static func files(of image: String) -> [String: String] {
        [
            "own": "of \(image)", "shared": "shared by all",
            "half": "shared by \(image.utf8.count + Int(image.utf8.last ?? 0) % 2)",
        ]
    }
}
