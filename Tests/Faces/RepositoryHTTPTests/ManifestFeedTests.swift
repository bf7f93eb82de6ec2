// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

import HTTPDelivery
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOPosix
import RepositoryHTTP
import Synchronization
import TestSupport
import Testing

/// A record in memory, whose swaps can be told of or kept silent.
private final class Record: PublishedManifestSource {
    private let revision = Mutex(3)
    private let listeners = Mutex<[AsyncStream<Void>.Continuation]>([])
    let questions = Atomic(0)

    func manifest(of repository: String) async throws -> [UInt8]? {
        questions.wrappingAdd(1, ordering: .relaxed)
        guard repository == "r.example.org" else { return nil }
        return Self.letter(revision.withLock { $0 })
    }

    static func letter(_ revision: Int) -> [UInt8] { Array("Cabc\nS\(revision)\nT1700000000\n--\nh\nx".utf8) }

    var swaps: AsyncStream<Void> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: Void.self,
            bufferingPolicy: .bufferingNewest(1)
        )
        listeners.withLock { $0.append(continuation) }
        return stream
    }

    func swap(isTold: Bool = true) {
        revision.withLock { $0 += 1 }
        guard isTold else { return }
        for listener in listeners.withLock({ $0 }) { listener.yield() }
    }
}

/// Stands before a face and may change its mind about who may go on listening.
private struct Doorkeeper: HTTPResponder {
    let face: RepositoryResponder
    let isAllowed: @Sendable () -> Bool

    func respond(to request: Request, context: SiteContext) async throws -> Response {
        var context = context
        context.isStillAllowed = { [isAllowed] in isAllowed() }
        return try await face.respond(to: request, context: context)
    }
}

@Suite struct ManifestFeedTests {
    private func serve(
        limit: Int = 100,
        pause: Duration = .milliseconds(50),
        wait: Duration = .seconds(20),
        isAllowed: @escaping @Sendable () -> Bool = { true },
        _ body: @escaping @Sendable (any TestClientProtocol, Record, ManifestFeed) async throws -> Void
    ) async throws {
        try await TestScope.run { scope in
            let record = Record()
            let feed = ManifestFeed(record, limit: limit, pause: pause)
            let responder = RepositoryResponder(
                directory: scope.directory,
                manifests: record,
                notices: NoticeResponder(feed, pace: .init(heartbeat: .seconds(5), wait: wait)),
                threads: .singleton
            )
            let swaps = record.swaps
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await feed.run(hearing: swaps) }
                let door = Doorkeeper(face: responder, isAllowed: isAllowed)
                try await Application(responder: door).test(.live) { try await body($0, record, feed) }
                group.cancelAll()
            }
        }
    }

    private static let after = "/cvmfs/r.example.org/.wharf/after/"

    /// Waits until so many clients wait.
    private func waiting(_ count: Int, _ feed: ManifestFeed) async throws {
        for _ in 0..<500 where feed.count != count { try await Task.sleep(for: .milliseconds(10)) }
        #expect(feed.count == count)
    }

    @Test("a newer revision is answered at once, with a time of change and a tag that caches need")
    func newer() async throws {
        try await serve { client, _, _ in
            let response = try await client.execute(uri: Self.after + "2", method: .get)
            #expect(Array(response.body.readableBytesView) == Record.letter(3))
            #expect(response.headers[.cacheControl] == "public, max-age=5, no-transform")
            #expect(response.headers[.lastModified] != nil && response.headers[.eTag] != nil)
            #expect(response.headers[.contentType] == "application/x-cvmfs")
        }
    }

    @Test("a wait ends with the swap, whether it is told of or found out", arguments: [true, false])
    func swap(isTold: Bool) async throws {
        try await serve { client, record, feed in
            async let answer = client.execute(uri: Self.after + "3", method: .get)
            try await waiting(1, feed)
            record.swap(isTold: isTold)
            #expect(Array(try await answer.body.readableBytesView) == Record.letter(4))
            try await waiting(0, feed)
        }
    }

    @Test("after the time, the answer is the revision that there is, and may be kept for a second")
    func timeout() async throws {
        try await serve(wait: .milliseconds(200)) { client, _, _ in
            let response = try await client.execute(uri: Self.after + "3", method: .get)
            #expect(Array(response.body.readableBytesView) == Record.letter(3))
            #expect(response.headers[.cacheControl] == "public, max-age=1, no-transform")
        }
    }

    @Test("many who wait cost one question")
    func questions() async throws {
        try await serve(pause: .seconds(60)) { _, record, feed in
            try await withThrowingTaskGroup(of: [UInt8].self) { group in
                for _ in 0..<50 {
                    group.addTask {
                        let outcome = try await feed.next(
                            after: 3,
                            of: "r.example.org",
                            within: .seconds(20),
                            isGone: { false }
                        )
                        guard case .newer(let revision) = outcome else { return [] }
                        return revision.letter
                    }
                }
                while feed.waiting < 50 { try await Task.sleep(for: .milliseconds(10)) }
                let before = record.questions.load(ordering: .relaxed)
                record.swap()
                for try await letter in group { #expect(letter == Record.letter(4)) }
                #expect(record.questions.load(ordering: .relaxed) <= before + 2)
            }
        }
    }

    @Test("no swap is missed between a look and the wait that follows")
    func races() async throws {
        try await serve(pause: .seconds(60)) { client, record, _ in
            for revision in 3..<60 {
                async let answer = client.execute(uri: Self.after + "\(revision)", method: .get)
                // Sometimes before the request is there, sometimes after.
                try await Task.sleep(for: .microseconds(revision * 37 % 1500))
                record.swap()
                #expect(Array(try await answer.body.readableBytesView) == Record.letter(revision + 1))
            }
        }
    }

    @Test("a stream ends soon after its listener may no longer have it, and tells of no further revision")
    func revokedStream() async throws {
        let isAllowed = Atomic(true)
        let question: @Sendable () -> Bool = { isAllowed.load(ordering: .relaxed) }
        for swaps in [true, false] {
            isAllowed.store(true, ordering: .relaxed)
            try await serve(isAllowed: question) { client, record, feed in
                async let stream = client.execute(uri: "/cvmfs/r.example.org/.wharf/events", method: .get)
                try await waiting(1, feed)
                let start = ContinuousClock.now
                isAllowed.store(false, ordering: .relaxed)
                if swaps { record.swap() }
                let events = String(buffer: try await stream.body)
                #expect(events.hasPrefix("retry: ") && !events.contains("id: 4\n"))
                // Sooner than the heartbeat.
                #expect(ContinuousClock.now - start < .milliseconds(4500))
            }
        }
    }

    @Test("who may no longer have the answer when the wait is over is told what is told of nothing")
    func revokedWait() async throws {
        let isAllowed = Atomic(true)
        let question: @Sendable () -> Bool = { isAllowed.load(ordering: .relaxed) }
        try await serve(isAllowed: question) { client, record, feed in
            async let answer = client.execute(uri: Self.after + "3", method: .get)
            try await waiting(1, feed)
            isAllowed.store(false, ordering: .relaxed)
            record.swap()
            #expect(try await answer.status == .notFound)
        }
    }

    @Test("beyond the limit clients are sent away for a while; with none, there is nothing")
    func limit() async throws {
        try await serve(limit: 1) { client, _, feed in
            let place = feed.place()
            #expect(place != nil && feed.count == 1)
            let refused = try await client.execute(uri: Self.after + "3", method: .get)
            #expect(refused.status == .serviceUnavailable)
            #expect(refused.headers[.retryAfter] != nil && refused.headers[.cacheControl] == "no-store")
            withExtendedLifetime(place) {}
        }
        try await serve(limit: 0) { client, _, _ in
            let response = try await client.execute(uri: Self.after + "2", method: .get)
            #expect(response.status == .notFound)
        }
    }

    @Test(
        "only the places that there are, in one spelling",
        arguments: ["03", "-1", "x", "", "3/", "99999999999999999999999", "+3"]
    )
    func places(revision: String) async throws {
        try await serve { client, _, _ in
            let response = try await client.execute(uri: Self.after + revision, method: .get)
            #expect(response.status == .notFound)
        }
    }

    @Test("a place that is written with escapes is none, so that it cannot pass for an ordinary request")
    func escapes() async throws {
        try await serve { client, _, _ in
            let uri = "/cvmfs/r.example.org/%2Ewharf/after/2"
            let response = try await client.execute(uri: uri, method: .get)
            #expect(response.status == .notFound)
        }
    }

    @Test("a client that went does not wait")
    func gone() async throws {
        try await serve { _, _, feed in
            let outcome = try await feed.next(
                after: 3,
                of: "r.example.org",
                within: .seconds(20),
                isGone: { true }
            )
            #expect(outcome == .nothing)
        }
    }

    @Test("the end of the server ends every wait")
    func end() async throws {
        let record = Record()
        let feed = ManifestFeed(record, limit: 10)
        let running = Task { await feed.run(hearing: record.swaps) }
        running.cancel()
        await running.value
        let notices = NoticeResponder(feed)
        try await TestScope.run { scope in
            let responder = RepositoryResponder(
                directory: scope.directory,
                manifests: record,
                notices: notices,
                threads: .singleton
            )
            try await Application(responder: responder).test(.live) { client in
                let response = try await client.execute(uri: Self.after + "3", method: .get)
                #expect(Array(response.body.readableBytesView) == Record.letter(3))
                let stream = try await client.execute(uri: "/cvmfs/r.example.org/.wharf/events", method: .get)
                #expect(String(buffer: stream.body).hasPrefix("retry: "))
            }
        }
    }
}
