// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

import BlobStorage
import Foundation
import ImagePublishing
import Logging
import MetadataStore
import Synchronization
import Testing

/// What the thread of the service does after trouble that no image is to blame for.
@Suite(.ownThread, .timeLimit(.minutes(1))) struct PublishingServiceTests {
    private struct DiskAway: Error {}

    /// Fails when it is asked for the first time.
    private final class TroubledPolicy: PublicationPolicy {
        private let answers: AsyncStream<Void>.Continuation
        private let isFirst = Mutex(true)

        init(_ answers: AsyncStream<Void>.Continuation) { self.answers = answers }

        func refusal(
            of subject: PublicationSubject,
            _ referrers: ImageReferrers,
            _ record: PublicationRecord
        ) throws -> String? {
            if isFirst.withLock({ isFirst in
                defer { isFirst = false }
                return isFirst
            }) {
                throw DiskAway()
            }
            answers.yield()
            return nil
        }
    }

    private let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    @Test("a repository that cannot be opened is tried again after growing pauses, not at once")
    func opening() async throws {
        let (attempts, attempt) = AsyncStream.makeStream(of: ContinuousClock.Instant.self)
        let service = PublishingService(
            signal: PublicationSignal(),
            logger: logger,
            makePool: { LayerIngestPool(storage: MemoryBlobStorage(), onDone: $0) },
            makePublisher: { _ in
                attempt.yield(.now)
                throw DiskAway()
            }
        )
        let running = Task { await service.run() }
        var times: [ContinuousClock.Instant] = []
        for await time in attempts {
            times.append(time)
            if times.count == 3 { break }
        }
        running.cancel()
        await running.value
        #expect(times[2] - times[0] >= .milliseconds(2500))
    }

    @Test("after trouble in a round the tags are looked at again, though nobody pushes")
    func round() async throws {
        nonisolated(unsafe) let fixture = try PublishingFixture()
        let digest = try await fixture.shelf.putImage([TestLayer(files: [("a", "alpha")])])
        try fixture.push(digest, to: "app")
        let (answers, answer) = AsyncStream.makeStream(of: Void.self)
        let blobs = fixture.shelf.blobs
        let policy = TroubledPolicy(answer)
        let service = PublishingService(
            signal: PublicationSignal(),
            logger: logger,
            makePool: { LayerIngestPool(storage: blobs, onDone: $0) },
            makePublisher: { try fixture.anotherPublisher(policy: policy, pool: $0) }
        )
        let running = Task { await service.run() }
        for await _ in answers { break }
        running.cancel()
        await running.value
    }
}
