// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

package import HTTPFetching
package import TransferPlanning

/// Hears of revisions over HTTP: by a stream of events from the server itself, or through a site's cache, which cannot pass
/// on a stream to many, by requests that the cache joins.
package final class HTTPRevisionSource: RevisionSource {
    /// How a server is asked.
    package enum Way: Sendable {
        /// `.wharf/events`
        case stream
        /// `.wharf/after/<revision>`
        case joined

        /// How long a server may be silent.
        ///
        /// On a stream it sends something every 30 s at least. A joined request may have to wait twice as long as the
        /// server makes it, where a cache could not share the first answer.
        package var longestSilence: Duration { self == .stream ? .seconds(45) : .seconds(130) }

        /// What is encrypted goes through a cache unseen, which can join nothing then.
        init(to server: String, by member: ProxyMember) {
            self = member != .direct && server.hasPrefix("http://") ? .joined : .stream
        }
    }

    package let servers: [String]
    private let fetcher: HTTPFetcher
    private let member: @Sendable () -> ProxyMember

    /// Listens to servers, each given by the base address of the repository.
    ///
    /// `fetcher` must be nobody else's, and wait for as long as the ways need: a stream where it asks directly, a joined
    /// request through a proxy. `member` tells which proxy is in use; that one is listened through, too.
    package init(_ servers: [String], fetcher: HTTPFetcher, member: @escaping @Sendable () -> ProxyMember) {
        self.servers = servers
        self.fetcher = fetcher
        self.member = member
    }

    package func close() { fetcher.close() }

    package func listen(
        to server: Int,
        after revision: UInt64,
        _ listener: any RevisionListening
    ) -> ListeningEnd {
        guard servers.indices.contains(server) else { return .unsupported }
        let base = servers[server] + "/.wharf/"
        let member = member()
        switch Way(to: servers[server], by: member) {
        case .stream: return stream(base + "events?after=\(revision)", by: member, listener)
        case .joined: return ask(base + "after/\(revision)", by: member, listener)
        }
    }

    private func stream(_ url: String, by member: ProxyMember, _ listener: any RevisionListening)
        -> ListeningEnd
    {
        let receiver = EventReceiver(listener)
        do {
            _ = try fetcher.get(FetchRequest(url: url), by: member, into: receiver)
            return receiver.isAlive ? .over(retry: receiver.retry) : .unsupported
        } catch {
            return Self.end(error) ?? (receiver.isAlive ? .over(retry: receiver.retry) : .unreachable)
        }
    }

    private func ask(_ url: String, by member: ProxyMember, _ listener: any RevisionListening) -> ListeningEnd
    {
        let receiver = MemoryReceiver(limit: 64 << 10)
        let start = ContinuousClock.now
        do {
            _ = try fetcher.get(FetchRequest(url: url), by: member, into: receiver)
            listener.isListening()
            if try listener.heard(receiver.bytes) { return .over(retry: .zero) }
        } catch let notice as RefusedNotice where notice.fault == .older {
            return .nothingNew
        } catch {
            return Self.end(error) ?? .unreachable
        }
        // A cache that answers at once with what it kept must not be asked in a circle.
        return ContinuousClock.now - start < .seconds(1) ? .nothingNew : .over(retry: .zero)
    }

    /// What an error says about the server; `nil` for one that may pass.
    private static func end(_ error: any Error) -> ListeningEnd? {
        if let fault = error as? EventReader.Fault { return .refused("\(fault)") }
        if let notice = error as? RefusedNotice {
            switch notice.fault {
            case .older: return .refused("an older revision than was seen before")
            case .untrue(let reason): return .refused(reason)
            }
        }
        guard let problem = error as? FetchProblem else { return nil }
        switch problem.code {
        case .tooLarge, .corrupt: return .refused("\(problem)")
        case .address: return .unsupported
        case .transfer, .offline: return nil
        case .status: return [429, 500, 502, 503, 504].contains(problem.status) ? .busy : .unsupported
        }
    }
}

/// Hands the events of a stream on.
private final class EventReceiver: ContentReceiver {
    private(set) var isAlive = false
    private(set) var retry: Duration?
    private var reader = EventReader()
    private let listener: any RevisionListening

    init(_ listener: any RevisionListening) { self.listener = listener }

    func restart() {}

    func receive(_ bytes: UnsafeRawBufferPointer) throws {
        for event in try reader.take(bytes) {
            switch event {
            case .letter(let letter): _ = try listener.heard(letter)
            case .retry(let milliseconds): retry = .milliseconds(milliseconds)
            case .sign: break
            }
            if !isAlive { listener.isListening() }
            isAlive = true
        }
    }

    func finish() {}
}
