// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import HTTPDelivery
internal import HTTPTypes
internal import Hummingbird
internal import NIOCore
internal import OCISpec

/// Tells clients of new revisions as soon as they are there.
///
/// Every way carries the complete signed manifest, which the client verifies as it does with one that it fetched: these
/// answers are trusted no more than any other.
package struct NoticeResponder: Sendable {
    /// How long things take.
    package struct Pace: Sendable {
        /// After so long without an event, a stream shows that it is alive.
        package var heartbeat: Duration
        /// So long an answer waits for a newer revision.
        package var wait: Duration
        /// Then a stream ends, and the client comes back: to another server of the site, perhaps.
        package var streamLifetime = Duration.seconds(3600)
        /// So often whoever waits for news of a private repository must still have the right to.
        package var vigilance = Duration.seconds(2)

        /// Joins the times.
        package init(heartbeat: Duration = .seconds(15), wait: Duration = .seconds(55)) {
            self.heartbeat = heartbeat
            self.wait = wait
        }
    }

    private let feed: ManifestFeed
    private let pace: Pace

    /// Tells what `feed` hears.
    package init(_ feed: ManifestFeed, pace: Pace = Pace()) {
        self.feed = feed
        self.pace = pace
    }

    /// Answers a GET or HEAD; `nil` if there is no such repository, or nobody is told anything.
    func respond(
        to path: NoticePath,
        of repository: String,
        _ request: Request,
        _ target: RequestTarget,
        _ context: SiteContext
    ) async throws -> Response? {
        guard feed.limit > 0, let current = try await feed.current(of: repository) else { return nil }
        let isHead = request.method == .head
        switch path {
        case .after(let revision):
            if isHead { return Self.answer(current, isNewer: current.revision > revision, isHead: true) }
            return try await wait(for: repository, after: revision, context)
        case .events:
            guard let known = Self.knownRevision(request, target) else {
                return Self.refusal(.badRequest, "the revision is no number")
            }
            if isHead { return Self.streamHead() }
            return stream(of: repository, after: known, context, Wording.ours)
        case .subscription:
            guard try await Self.names(repository, request) else {
                return Self.refusal(.badRequest, "the body names another repository than the path")
            }
            if isHead { return Self.streamHead() }
            return stream(of: repository, after: current.revision, context, Wording.stock(repository))
        }
    }

    // MARK: One answer

    /// Waits for a newer revision; after the time, answers with the one that there is.
    ///
    /// A site's cache joins all requests that wait for the same number, on two conditions that were found with Squid: the
    /// answer must be one that a cache may keep (with a time of change, and not empty), or it sends every request on by
    /// itself; and it must be a whole answer, not "not modified", which it gives to one of them alone.
    private func wait(
        for repository: String,
        after revision: UInt64,
        _ context: SiteContext
    ) async throws -> Response? {
        guard let place = feed.place() else { return Self.overloaded() }
        defer { withExtendedLifetime(place) {} }
        let wait = Wait(feed, repository, context, vigilance: pace.vigilance)
        let outcome = try await wait.next(after: revision, within: pace.wait)
        if case .closed = outcome, await !wait.isAllowed { return nil }
        if case .newer(let newer) = outcome { return Self.answer(newer, isNewer: true, isHead: false) }
        return try await feed.current(of: repository)
            .map { Self.answer($0, isNewer: $0.revision > revision, isHead: false) }
    }

    private static func answer(_ revision: SignedRevision, isNewer: Bool, isHead: Bool) -> Response {
        var headers = RepositoryResponder.manifestHeaders(revision.letter)
        // That there is a newer one than the number in the address stays true; which one is the newest does not.
        headers[.cacheControl] = "public, max-age=\(isNewer ? 5 : 1), no-transform"
        headers[.contentType] = RepositoryPath.manifest.contentType
        let buffer = ByteBuffer(bytes: revision.letter)
        let body =
            isHead
            ? ResponseBody(contentLength: buffer.readableBytes) { writer in try await writer.finish(nil) }
            : ResponseBody(byteBuffer: buffer)
        return Response(status: .ok, headers: headers, body: body)
    }

    // MARK: Streams

    /// How events are written.
    private enum Wording: Sendable {
        case ours
        /// For the stock client, which takes everything for a message, a heartbeat too.
        case stock(String)
    }

    private func stream(
        of repository: String,
        after known: UInt64,
        _ context: SiteContext,
        _ wording: Wording
    ) -> Response {
        guard let place = feed.place() else { return Self.overloaded() }
        let lifetime = pace.streamLifetime * Double.random(in: 0.9...1.1)
        let body = ResponseBody { [feed, pace] writer in
            defer { withExtendedLifetime(place) {} }
            let end = ContinuousClock.now + lifetime
            let wait = Wait(feed, repository, context, vigilance: pace.vigilance)
            if case .ours = wording {
                let opening = EventText.opening(retryMilliseconds: .random(in: 1000...4000))
                try await writer.write(ByteBuffer(string: opening))
            }
            var known = known
            // What a client does not take holds up the writing here, and nothing piles up; the kernel ends a connection
            // on which nothing is taken for the idle time.
            while ContinuousClock.now < end {
                let outcome = try await wait.next(after: known, within: pace.heartbeat)
                guard !wait.isGone(), let text = Self.text(outcome, wording) else { break }
                if case .newer(let revision) = outcome { known = revision.revision }
                if !text.isEmpty { try await writer.write(ByteBuffer(string: text)) }
            }
            try await writer.finish(nil)
        }
        return Response(status: .ok, headers: Self.streamHeaders, body: body)
    }

    /// What an outcome is to the client; `nil` for the end.
    private static func text(_ outcome: ManifestFeed.Outcome, _ wording: Wording) -> String? {
        switch (outcome, wording) {
        case (.newer(let revision), .ours): EventText.event(revision)
        case (.newer(let revision), .stock(let repository)): EventText.activity(revision, of: repository)
        case (.nothing, .ours): EventText.heartbeat
        case (.nothing, .stock): ""
        case (.closed, _): nil
        }
    }

    /// For HEAD: the head of a body whose length nobody knows.
    private static func streamHead() -> Response {
        Response(
            status: .ok,
            headers: streamHeaders,
            body: ResponseBody { writer in try await writer.finish(nil) }
        )
    }

    private static var streamHeaders: HTTPFields {
        var headers: HTTPFields = [
            .contentType: EventText.contentType, .cacheControl: "no-store, no-transform",
        ]
        // Proxies such as nginx keep back what is small unless they are told.
        if let name = HTTPField.Name("X-Accel-Buffering") { headers[name] = "no" }
        return headers
    }

    /// A client's wait, which also ends, as `closed`, when the client may no longer have the answer.
    private struct Wait: Sendable {
        let isGone: @Sendable () -> Bool
        private let feed: ManifestFeed
        private let repository: String
        private let question: (@Sendable () async -> Bool)?
        private let vigilance: Duration

        init(_ feed: ManifestFeed, _ repository: String, _ context: SiteContext, vigilance: Duration) {
            self.feed = feed
            self.repository = repository
            self.vigilance = vigilance
            isGone = context.connectionWatch()
            question = context.isStillAllowed
        }

        var isAllowed: Bool { get async { await question?() ?? true } }

        func next(after revision: UInt64, within time: Duration) async throws -> ManifestFeed.Outcome {
            let end = ContinuousClock.now + time
            while true {
                let left = max(.zero, end - .now)
                let outcome = try await feed.next(
                    after: revision,
                    of: repository,
                    within: question == nil ? left : min(left, vigilance),
                    isGone: isGone
                )
                // Asked after the wait, so that no revision is told to somebody who had to go meanwhile.
                guard await isAllowed else { return .closed }
                guard outcome == .nothing, !isGone(), ContinuousClock.now < end else { return outcome }
            }
        }
    }

    // MARK: Requests

    /// What the client says it knows, 0 if it says nothing; `nil` if that is no number.
    ///
    /// A client that comes back names the last event, whatever the address said at first.
    private static func knownRevision(_ request: Request, _ target: RequestTarget) -> UInt64? {
        let last = HTTPField.Name("Last-Event-ID").flatMap { request.headers[$0] }
        guard let text = last ?? target.parameter("after") else { return 0 }
        return UInt64(text)
    }

    /// Whether the body of a subscription, if it has one, names this repository.
    private static func names(_ repository: String, _ request: Request) async throws -> Bool {
        let body = try await request.body.collect(upTo: 4 << 10)
        guard body.readableBytes > 0 else { return true }
        guard let message = try? JSONValue(parsing: Array(body.readableBytesView), depthLimit: 4) else {
            return false
        }
        return message.object?["repository"]?.string == repository
    }

    private static func overloaded() -> Response {
        var response = refusal(.serviceUnavailable, "too many clients are waiting")
        response.headers[.retryAfter] = String(Int.random(in: 5...30))
        return response
    }

    private static func refusal(_ status: HTTPResponse.Status, _ text: String) -> Response {
        Response(
            status: status,
            headers: [.cacheControl: "no-store", .contentType: "text/plain; charset=utf-8"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: text + "\n"))
        )
    }
}
