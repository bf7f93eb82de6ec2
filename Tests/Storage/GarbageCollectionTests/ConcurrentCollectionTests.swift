// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

import Digests
import GarbageCollection
import MetadataStore
import MetadataStoreSQLite
import OCISpec
import RegistryService
import Synchronization
import Testing

/// Clients that push, pull and delete at random while the collector runs without a pause, against what they know must be
/// alive.
@Suite struct ConcurrentCollectionTests {
    private static let clients = 4
    private static let rounds = 120
    /// Few contents, so that clients meet.
    private static let contents = (0..<6).map { "shared content \($0)" }
    private static let grace: Int64 = 3

    @Test(
        "under any mixture of clients no blob that was promised or is needed vanishes, and garbage goes",
        arguments: [1, 2, 3] as [UInt64]
    )
    func mixture(_ seed: UInt64) async throws {
        try await CollectedRegistry.run { registry in
            let pace = Pace(clients: Self.clients)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    while !pace.isDone {
                        pace.note(removed: try await registry.collect(grace: Self.grace).count)
                    }
                }
                group.addTask {
                    while !pace.isDone {
                        // Time passes only when everybody has done something, so that each is done within a grace.
                        if pace.takeTurn() { registry.pass(1) }
                        try await Task.sleep(for: .milliseconds(1))
                    }
                }
                for number in 0..<Self.clients {
                    group.addTask {
                        defer { pace.end(number) }
                        try await Self.client(number, registry, seed, pace)
                    }
                }
                try await group.waitForAll()
            }
            // A test in which nothing was collected while it ran has tested nothing.
            #expect(pace.removed > 0, "seed \(seed)")
            for _ in 0..<4 {
                registry.pass(Self.grace)
                try await registry.collect(grace: Self.grace)
            }
            for content in Self.contents { #expect(try await !registry.isStored(content), "seed \(seed)") }
        }
    }

    private static func client(
        _ number: Int,
        _ registry: CollectedRegistry,
        _ seed: UInt64,
        _ pace: Pace
    ) async throws {
        var generator = SeededGenerator(seed &* 97 &+ UInt64(number))
        let repository = "team/r\(number % 2)"
        let tag = try #require(TagName("c\(number)"))
        for round in 0..<rounds {
            let parts = Array(contents.shuffled(using: &generator).prefix(2))
            for part in parts where try await !registry.has(part, in: repository) {
                try await registry.upload(part, to: repository)
            }
            // It must be taken: each part was promised.
            try await registry.push(parts, to: repository, tag: "\(tag)")
            pace.step(number)
            for part in parts {
                let isThere = try await registry.has(part, in: repository)
                #expect(isThere, "client \(number), round \(round): \(part) of an image is gone")
            }
            if Bool.random(using: &generator) { try await registry.delete(.tag(tag), in: repository) }
            pace.step(number)
            // Garbage needs time in which nobody asks for it.
            for _ in 0..<Int.random(in: 0...6, using: &generator) {
                pace.step(number)
                try await Task.sleep(for: .milliseconds(2))
            }
        }
        if try await registry.metadata.read({ transaction in
            try transaction.repository(named: registry.name(repository)).flatMap {
                try transaction.tag(tag, in: $0)
            }
        }) != nil {
            try await registry.delete(.tag(tag), in: repository)
        }
    }
}

/// Counts the steps of clients.
private final class Pace: Sendable {
    private struct State {
        var steps: [Int]
        var last: [Int]
        var ended: Set<Int> = []
        var removed = 0
    }

    private let state: Mutex<State>

    init(clients: Int) {
        let zero = [Int](repeating: 0, count: clients)
        state = Mutex(State(steps: zero, last: zero))
    }

    func step(_ client: Int) { state.withLock { $0.steps[client] += 1 } }
    func note(removed count: Int) { state.withLock { $0.removed += count } }
    var removed: Int { state.withLock { $0.removed } }
    func end(_ client: Int) { state.withLock { _ = $0.ended.insert(client) } }
    var isDone: Bool { state.withLock { $0.ended.count == $0.steps.count } }

    /// Whether everybody has made a step since the last turn.
    func takeTurn() -> Bool {
        state.withLock { state in
            let all = state.steps.indices.allSatisfy {
                state.ended.contains($0) || state.steps[$0] > state.last[$0]
            }
            if all { state.last = state.steps }
            return all
        }
    }
}

/// The same numbers for the same seed.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed &+ 0x9E37_79B9_7F4A_7C15 }

    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state ^ (state >> 29)
    }
}
