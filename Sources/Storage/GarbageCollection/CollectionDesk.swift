// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

package import MetadataStore
internal import Synchronization

/// Where runs are asked for: one at a time, each kept in the history.
///
/// The calls that run block, and belong on a thread of their own.
package final class CollectionDesk: Sendable {
    private struct State {
        var current: CollectionRun?
        var isStopping = false
        var totals = Totals()
    }

    /// What runs have done since the program started.
    package struct Totals: Sendable {
        package var runs = 0
        package var failures = 0
        package var removed: [String: Int64] = [:]
        package var freedBytes: Int64 = 0
        /// When the last run that ended well did, unix seconds; 0 before that.
        package var lastSuccess: Int64 = 0
    }

    private let metadata: any MetadataStore
    private let registry: RegistryCollector
    private let repositories: RepositoryCollector
    private let now: @Sendable () -> Timestamp
    private let state = Mutex(State())

    /// Joins the collectors.
    package init(
        metadata: any MetadataStore,
        registry: RegistryCollector,
        repositories: RepositoryCollector,
        now: @escaping @Sendable () -> Timestamp
    ) {
        self.metadata = metadata
        self.registry = registry
        self.repositories = repositories
        self.now = now
    }

    /// The run that is under way.
    package var current: CollectionRun? { state.withLock { $0.current } }

    package var totals: Totals { state.withLock { $0.totals } }

    /// Ends the run that is under way after its next batch, and refuses others.
    package func stop() { state.withLock { $0.isStopping = true } }

    /// Notes of runs that a crash has cut short that they were; and keeps the clock of graces.
    package func begin() throws {
        try metadata.writeBlocking { try $0.closeInterruptedRuns() }
        try keepClock()
    }

    /// Keeps the clock of graces in the database; what was observed since then is lost in a crash.
    package func keepClock() throws {
        let now = metadata.collectionClock.now().millisecondsSince1970
        try metadata.writeBlocking { try $0.setSetting(CollectionClock.setting, to: "\(now)") }
    }

    /// What is collected: the registry, and then each published repository.
    package func subjects() throws -> [String] {
        try [CollectionRun.registry] + repositories.records.repositoryNames()
    }

    /// The newest runs that have ended, newest first.
    package func history(limit: Int) throws -> [CollectionRun] {
        try metadata.readBlocking { try $0.runs(limit: limit) }.filter { $0.outcome != .running }
    }

    /// Runs over one subject.
    ///
    /// - Parameters:
    ///   - subject: one of `subjects`.
    ///   - isDryRun: whether nothing is to be changed; then it is not kept in the history.
    ///   - onProgress: called after each batch.
    ///   - onItem: told of what goes, or would.
    /// - Returns: what was done.
    /// - Throws: `busy`, `stopped`, `noSuchRepository`, and what the stores throw.
    package func run(
        _ subject: String,
        isDryRun: Bool,
        onProgress: (CollectionRun) -> Void = { _ in },
        onItem: (CollectedItem) -> Void
    ) throws -> CollectionRun {
        var run = CollectionRun(subject: subject, isDryRun: isDryRun, started: now())
        try take(run)
        defer { state.withLock { $0.current = nil } }
        if !isDryRun {
            let new = run
            run.id = try metadata.writeBlocking { try $0.beginRun(new) }
        }
        try keepClock()
        do {
            run = try withoutActuallyEscaping(onProgress) { onProgress in
                try withoutActuallyEscaping(onItem) { onItem in
                    let observer = CollectionObserver(
                        progress: { run in
                            try self.note(run)
                            onProgress(run)
                        },
                        item: onItem
                    )
                    guard subject == CollectionRun.registry else {
                        return try repositories.run(run, observer)
                    }
                    return isDryRun ? try registry.preview(run, observer) : try registry.run(run, observer)
                }
            }
            run.outcome = .finished
        } catch {
            run = current ?? run
            run.outcome = (error as? CollectionProblem)?.code == .stopped ? .interrupted : .failed
            run.error = "\(error)"
            try close(run)
            throw error
        }
        return try close(run)
    }

    private func take(_ run: CollectionRun) throws {
        let refusal: CollectionProblem? = state.withLock { state in
            if state.isStopping { return Self.stopped }
            guard state.current == nil else {
                return CollectionProblem(
                    .busy,
                    "a collection of \(state.current?.subject ?? "") is under way",
                    remedy: "wait until it ends; 'wharf admin gc --status' shows how far it is"
                )
            }
            state.current = run
            return nil
        }
        if let refusal { throw refusal }
    }

    private func note(_ run: CollectionRun) throws {
        let isStopping = state.withLock { state in
            state.current = run
            return state.isStopping
        }
        if isStopping { throw Self.stopped }
    }

    @discardableResult
    private func close(_ run: CollectionRun) throws -> CollectionRun {
        var run = run
        run.ended = now().millisecondsSince1970
        let end = run
        guard !run.isDryRun else { return end }
        state.withLock { state in
            state.totals.runs += 1
            if end.outcome == .failed { state.totals.failures += 1 }
            if end.outcome == .finished { state.totals.lastSuccess = (end.ended ?? 0) / 1000 }
            state.totals.removed.merge(end.removed, uniquingKeysWith: +)
            state.totals.freedBytes += end.freedBytes
        }
        try metadata.writeBlocking { transaction in
            try transaction.updateRun(end)
            if end.removed.values.contains(where: { $0 > 0 }) {
                let what = end.removed.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }
                let detail = (what + ["\(end.freedBytes) bytes"]).joined(separator: ", ")
                try transaction.audit("collection.run", end.subject, detail, by: .server, at: self.now())
            }
        }
        return end
    }

    private static var stopped: CollectionProblem { CollectionProblem(.stopped, "the server is stopping") }
}
