// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import AsyncHTTPClient
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import NIOSSL
internal import Problems
internal import TransferPlanning

/// What is of interest in the head of an answer.
struct AnswerHead: Sendable {
    let status: Int
    let validator: Validator?
    let location: String?
    let squidError: String?
    let proxyStatus: String?

    init(_ response: HTTPClientResponse) {
        let headers = response.headers
        status = Int(response.status.code)
        validator = Validator(
            entityTag: headers.first(name: "etag"),
            lastModified: headers.first(name: "last-modified"),
            date: headers.first(name: "date")
        )
        location = headers.first(name: "location")
        squidError = headers.first(name: "x-squid-error")
        proxyStatus = headers.first(name: "proxy-status")
    }
}

/// Reads one answer from the network, in a task, for a thread that waits at the other end of a handoff.
struct AnswerPump: Sendable {
    let handoff = BodyHandoff()
    let url: String
    /// Who is connected to: the server, or a proxy.
    let peer: String
    let speed: SpeedGuard

    init(url: String, by member: ProxyMember, speed: SpeedGuard) {
        self.url = url
        let host = url.split(separator: "/").dropFirst().first ?? ""
        peer = member == .direct ? String(host) : "the proxy \(member)"
        self.speed = speed
    }

    /// Makes the request, and hands over what comes until the end, or until nobody wants it.
    func run(_ message: HTTPClientRequest, through client: HTTPClient) async {
        do {
            let response = try await client.execute(message, deadline: .distantFuture)
            guard await handoff.offer(.head(AnswerHead(response))) else { return }
            var (speed, clock) = (speed, ContinuousClock())
            var chunks = response.body.makeAsyncIterator()
            var start = clock.now
            while let chunk = try await chunks.next() {
                guard speed.received(chunk.readableBytes, after: clock.now - start) else {
                    _ = await handoff.offer(.end(FetchProblem(.transfer, "\(url) comes too slowly")))
                    return
                }
                guard await handoff.offer(.chunk(chunk)) else { return }
                // What the receiver needed does not count.
                start = clock.now
            }
            _ = await handoff.offer(.end(nil))
        } catch {
            _ = await handoff.offer(.end(problem(error)))
        }
    }

    private func problem(_ error: any Error) -> FetchProblem {
        if let error = error as? HTTPClientError,
            error == .invalidURL || error == .emptyHost || error == .emptyScheme
        {
            return FetchProblem(.address, "cannot fetch \(url)", cause: error)
        }
        var failure = DownloadPlan.Failure.transfer
        if let error = error as? NIOConnectionError, error.connectionErrors.isEmpty,
            error.dnsAError != nil || error.dnsAAAAError != nil
        {
            failure = .serverName
        } else if error is NIOSSLError || error is NIOSSLExtraError || error is BoringSSLError {
            failure = .server
        }
        return FetchProblem(.transfer, "cannot fetch \(url)", failure: failure, cause: cause(error))
    }

    /// What the system said, in its own words, where a connection could not be made or broke.
    private func cause(_ error: any Error) -> any Error {
        let first = (error as? NIOConnectionError)?.connectionErrors.first?.error ?? error
        guard let system = first as? IOError else { return first }
        return SystemCallProblem("reach", peer, errorNumber: system.errnoCode)
    }
}
