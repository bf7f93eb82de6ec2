// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import AsyncHTTPClient
internal import NIOCore
package import TransferPlanning

/// Makes GET requests for threads that may block, over connections that are kept alive.
package final class HTTPFetcher: Sendable {
    /// How long is waited for a server or a proxy.
    package struct Patience: Sendable, Equatable {
        /// The longest wait for a connection.
        package var connect: Duration
        /// The longest silence in the middle of an answer.
        package var silence: Duration

        /// Waits so long.
        package init(connect: Duration = .seconds(5), silence: Duration = .seconds(10)) {
            self.connect = connect
            self.silence = silence
        }
    }

    /// Who vouches for servers that are spoken to over TLS.
    package enum Trust: Sendable, Equatable {
        /// The authorities of this machine.
        case system
        /// A file of certificates, or a directory of such files under the names that OpenSSL looks for.
        case path(String)
    }

    /// How requests are made.
    package struct Configuration: Sendable {
        /// For servers that are asked directly.
        package var direct = Patience()
        /// For those that are asked through a proxy.
        package var proxied = Patience()
        /// An answer that brings less in a second, over the time of the longest silence, has failed; 0 for no floor.
        package var lowestSpeed: Int64 = 0
        /// Whether redirections are followed, within `RedirectRule`.
        package var followsRedirects = false
        /// The `User-Agent` header.
        package var userAgent = "wharf"
        /// What is shown to servers, but never over a connection that others can read.
        package var authorization: Authorization?
        package var trust = Trust.system
        /// Bounds the sum of all answers.
        package var bandwidth: BandwidthLimit?

        /// The defaults.
        package init() {}
    }

    private let clients: HTTPClients
    private let configuration: Configuration

    /// Makes a fetcher; its connections are opened when first needed.
    package init(_ configuration: Configuration) {
        clients = HTTPClients(configuration)
        self.configuration = configuration
    }

    // The HTTP library insists on being closed; to do so twice is no harm.
    deinit { close() }

    /// Closes the connections.
    ///
    /// Requests that are under way fail.
    package func close() { clients.close() }

    /// Makes one attempt, hands the bytes to `receiver` on the calling thread, and lets it verify them.
    ///
    /// Blocks the calling thread: never call it from a task. Throws a `FetchProblem`, or what the receiver threw.
    package func get(
        _ request: FetchRequest,
        by member: ProxyMember = .direct,
        into receiver: any ContentReceiver
    ) throws -> FetchOutcome {
        var request = request
        for _ in 0...RedirectRule.limit {
            switch try exchange(request, by: member, into: receiver) {
            case .done(let outcome): return outcome
            case .moved(let target):
                // What is meant for one server is not shown to another.
                if RedirectRule.authority(of: target) != RedirectRule.authority(of: request.url)
                    || target.hasPrefix("https://") != request.url.hasPrefix("https://")
                {
                    request.showsCredentials = false
                }
                request.url = target
            }
        }
        throw FetchProblem(.transfer, "\(request.url) is redirected again and again", failure: .server)
    }

    private enum Exchange {
        case done(FetchOutcome)
        case moved(String)
    }

    private func exchange(
        _ request: FetchRequest,
        by member: ProxyMember,
        into receiver: any ContentReceiver
    ) throws -> Exchange {
        let patience = member == .direct ? configuration.direct : configuration.proxied
        let pump = AnswerPump(
            url: request.url,
            by: member,
            speed: SpeedGuard(floor: configuration.lowestSpeed, window: patience.silence)
        )
        let (message, client) = try clients.message(request, by: member)
        // The border between threads and tasks: the task ends by itself at the answer's end or at the timeout.
        let task = Task.detached { await pump.run(message, through: client) }
        defer {
            pump.handoff.abandon()
            task.cancel()
        }
        try receiver.restart()
        var validator: Validator?
        while true {
            switch pump.handoff.next() {
            case .head(let head):
                if head.status == 304, request.validator != nil { return .done(.notModified) }
                if configuration.followsRedirects, let target = target(of: head, from: request.url) {
                    return .moved(target)
                }
                try Self.check(head, request, isProxied: member != .direct)
                validator = head.validator
            case .chunk(let buffer):
                configuration.bandwidth?.take(buffer.readableBytes)
                try buffer.withUnsafeReadableBytes { try receiver.receive($0) }
            case .end(let problem?): throw problem
            case .end(nil):
                try receiver.finish()
                return .done(.received(validator))
            }
        }
    }

    private func target(of head: AnswerHead, from url: String) -> String? {
        guard RedirectRule.isRedirect(head.status) else { return nil }
        return head.location.flatMap { RedirectRule.target($0, from: url) }
    }

    private static func check(_ head: AnswerHead, _ request: FetchRequest, isProxied: Bool) throws {
        guard head.status != (request.range == nil ? 200 : 206) else { return }
        let failure = AnswerClass.failure(
            status: head.status,
            isProxied: isProxied,
            squidError: head.squidError,
            proxyStatus: head.proxyStatus
        )
        throw FetchProblem(
            .status,
            "\(request.url) was answered with status \(head.status)",
            status: head.status,
            failure: failure ?? .serverStatus
        )
    }
}
