// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CVMFSReader
internal import Dispatch
internal import Synchronization

/// Keeps an ear on the servers, on a thread of its own, and tells the watcher what it hears.
///
/// Whatever happens to it, the mount goes on: the watcher asks for the manifest by its time to live anyway.
final class RevisionListener: Sendable {
    private let source: any RevisionSource
    private let watcher: RevisionWatcher
    private let report: @Sendable (String) -> Void
    private let isStopped = Atomic(false)
    private let wake = DispatchSemaphore(value: 0)

    init(_ source: any RevisionSource, watcher: RevisionWatcher, report: @escaping @Sendable (String) -> Void)
    {
        self.source = source
        self.watcher = watcher
        self.report = report
    }

    /// Ends `run`, whatever it waits for.
    func stop() {
        isStopped.store(true, ordering: .relaxed)
        source.close()
        wake.signal()
    }

    /// Listens until `stop`.
    func run() {
        let clock = ContinuousClock()
        let start = clock.now
        source.whenReplaced { [weak self] in _ = self?.wake.signal() }
        var edition = source.edition
        var plan = ListeningPlan(serverCount: source.servers.count)
        var said: [Int: String] = [:]
        while !isStopped.load(ordering: .relaxed) {
            if source.edition != edition {
                edition = source.edition
                plan = ListeningPlan(serverCount: source.servers.count)
                said.removeAll()
                // Those who promised to tell are no longer there.
                watcher.listeningEnded()
            }
            switch plan.step(at: clock.now - start) {
            case .wait(let duration): _ = wake.wait(timeout: .now() + duration.inSeconds)
            case .listen(let server):
                let end = source.listen(to: server, after: watcher.revision, Ear(watcher))
                // How it ended says nothing of those who came in between.
                guard source.edition == edition else { continue }
                if case .over = end {} else if end != .nothingNew { watcher.listeningEnded() }
                plan.ended(end, at: clock.now - start, jitter: Double.random(in: 0..<1))
                say(end, of: server, &said)
            }
        }
    }

    /// One line for each kind of trouble with each server.
    private func say(_ end: ListeningEnd, of server: Int, _ said: inout [Int: String]) {
        let servers = source.servers
        guard servers.indices.contains(server) else { return }
        let name = servers[server]
        let line: String
        switch end {
        case .over, .nothingNew, .unreachable, .busy: return
        case .unsupported: line = "\(name) tells nobody of new revisions; it is asked"
        case .refused(let reason):
            line =
                "\(name) tells of revisions what is not true (\(reason)); it is not listened to for a while"
        }
        if said.updateValue(line, forKey: server) != line, !isStopped.load(ordering: .relaxed) {
            report(line)
        }
    }
}

/// Takes what is heard from one server.
private final class Ear: RevisionListening {
    private let watcher: RevisionWatcher

    init(_ watcher: RevisionWatcher) { self.watcher = watcher }

    func isListening() { watcher.listeningBegan() }

    func heard(_ letter: [UInt8]) throws -> Bool {
        switch watcher.consider(letter) {
        case .shown: return true
        case .known: return false
        case .refused(let fault): throw RefusedNotice(fault)
        case .unknown(let cause): throw cause
        }
    }
}

extension Duration {
    /// The duration in seconds.
    var inSeconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}
