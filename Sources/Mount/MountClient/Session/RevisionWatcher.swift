// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CVMFSCatalog
internal import CVMFSFormat
internal import CVMFSReader
internal import Dispatch
internal import FUSEWire
internal import Synchronization

#if canImport(Glibc)
internal import Glibc
#endif

/// Asks for a newer manifest, or is told of one, and moves the mount to it.
final class RevisionWatcher: Sendable {
    /// What became of a manifest that somebody told of.
    enum Verdict {
        /// It is shown now.
        case shown
        /// It was known already.
        case known
        /// It is not what it claims to be.
        case refused(RefusedNotice.Fault)
        /// It cannot be told now; another telling, or the next question, will.
        case unknown(any Error)
    }

    /// What the mount is at; it is changed by one thread at a time.
    private struct Progress {
        var head: RepositoryReader.Head
        var trouble: String?
        var confirmations = 0
    }

    private let state: MountState
    private let device: FUSEDevice
    private let progress: Mutex<Progress>
    private let wake = DispatchSemaphore(value: 0)
    private let isStopped = Atomic(false)
    private let isTold = Atomic(false)

    init(_ state: MountState, device: FUSEDevice, from head: RepositoryReader.Head) {
        self.state = state
        self.device = device
        progress = Mutex(Progress(head: head))
    }

    /// Ends `run`.
    func stop() {
        isStopped.store(true, ordering: .relaxed)
        wake.signal()
    }

    /// The revision that is shown.
    var revision: UInt64 { state.shown.revision }

    /// Asks again and again until `stop`.
    func run() {
        while !isStopped.load(ordering: .relaxed) {
            let interval = interval()
            state.setRefreshDue(Int64(time(nil)) + Int64(interval))
            if wake.wait(timeout: .now() + interval) == .timedOut { progress.withLock { _ = ask(&$0) } }
        }
    }

    /// How long it waits is to be decided anew.
    func intervalChanged() { wake.signal() }

    // MARK: Being told

    /// A server promised to tell of revisions: it need not be asked every second.
    func listeningBegan() { isTold.store(true, ordering: .relaxed) }

    /// Nobody tells any more.
    func listeningEnded() {
        // The wait that runs may be longer than the one that is due now.
        if isTold.exchange(false, ordering: .relaxed) { wake.signal() }
    }

    /// Verifies a manifest that a server told of, as one that was fetched, and moves to it.
    func consider(_ letter: [UInt8]) -> Verdict {
        progress.withLock { progress in
            do {
                guard let next = try state.reader.head(told: letter, unless: progress.head) else {
                    return .known
                }
                try show(next, &progress)
                return .shown
            } catch let problem as ReaderProblem {
                switch problem.code {
                case .unreachable, .missing, .local: return .unknown(problem)
                case .olderRevision: return .refused(.older)
                default: return .refused(.untrue("\(problem)"))
                }
            } catch {
                return .unknown(error)
            }
        }
    }

    // MARK: Asking

    /// Asks now, whatever the time.
    func refresh() -> Verdict { progress.withLock { ask(&$0) } }

    @discardableResult
    private func ask(_ progress: inout Progress) -> Verdict {
        do {
            guard
                let next = try state.reader.head(
                    unless: progress.head,
                    trustsValidator: progress.confirmations > 2
                )
            else {
                progress.confirmations += 1
                clear(&progress)
                return .known
            }
            try show(next, &progress)
            return .shown
        } catch {
            note(error, &progress)
            return .unknown(error)
        }
    }

    private func show(_ next: RepositoryReader.Head, _ progress: inout Progress) throws {
        progress.confirmations = 0
        if next.manifest.manifest.rootCatalog != state.shown.rootHash {
            try move(to: next, ReplyBuffer(payloadCapacity: 1024))
        }
        progress.head = next
        clear(&progress)
    }

    /// The mount goes on with what it has; one line for each kind of trouble, not one each second.
    private func note(_ error: any Error, _ progress: inout Progress) {
        // Who is asked and what for changes from one question to the next; the kind of trouble does not.
        let kind = (error as? ReaderProblem)?.identifier ?? "\(error)"
        if kind != progress.trouble { state.report("staying at revision \(state.shown.revision): \(error)") }
        progress.trouble = kind
        state.setOnline(false)
    }

    private func clear(_ progress: inout Progress) {
        if progress.trouble != nil { state.report("the server answers again") }
        progress.trouble = nil
        state.setOnline(true)
    }

    private func interval() -> Double {
        if let interval = state.options.refreshInterval { return interval.inSeconds }
        if state.reader.source.isNearby, !isTold.load(ordering: .relaxed) { return 1 }
        let timeToLive = progress.withLock { $0.head.manifest.manifest.timeToLive }
        let interval = Double(min(max(timeToLive, 5), 86400))
        return state.longestTimeToLive.map { min($0.inSeconds, interval) } ?? interval
    }

    private func move(to head: RepositoryReader.Head, _ reply: ReplyBuffer) throws {
        let manifest = head.manifest.manifest
        // Everything that can fail comes first: from here on the new revision is shown.
        let walker = TreeWalker(CatalogShelf(state.reader.objects, limit: 1))
        let count = try RootCatalog.entryCount(of: .root(manifest.rootCatalog), walker)
        _ = state.show(manifest, entryCount: count)
        announce(reply)
        state.report("now at revision \(manifest.revision)")
    }

    /// Tells the kernel that names and directories may have changed.
    ///
    /// An overlay keeps the names of its lower trees for as long as it is mounted, and a container that stands on one that was
    /// made stale sees "Stale file handle" from then on. So where images are in use, only names that may change are named.
    private func announce(_ reply: ReplyBuffer) {
        guard state.options.kernel.contains(.notifications) else { return }
        var needsNames = true
        if state.options.kernel.contains(.epochs), state.agreement.hasEpochs, !state.nodes.haveFrozenNames {
            needsNames = send(.everyNameStale, reply) != 0
        }
        if needsNames {
            announceNames(reply)
        }
        for directory in state.nodes.directories() { send(.nodeChanged(directory), reply) }
    }

    /// Makes each name stale that may have changed; those of images are passed over without a look.
    private func announceNames(_ reply: ReplyBuffer) {
        let walker = TreeWalker(CatalogShelf(state.reader.objects, limit: 4))
        var lost = 0
        state.nodes.forEachSlice { nodes in
            for located in nodes where located.id != NodeNumbers.root && !located.catalog.isFrozen {
                do {
                    let node = try NodeReading.node(of: located, walker, .mayFetch, state.options)
                    let directory = Array(node.path.dropLast(node.entry.name.count + 1))
                    guard !ImmutableTrees.isFrozen(directory),
                        let parent = state.nodes.directory(at: walker.key(directory))
                    else { continue }
                    send(.nameChanged(parent: parent, name: node.entry.name), reply)
                } catch {
                    lost += 1
                }
            }
        }
        if lost > 0 { state.report("\(lost) names may be out of date: their catalogs are gone") }
    }

    /// Sends one notification.
    ///
    /// An error means that the kernel does not remember what was to be forgotten.
    @discardableResult
    private func send(_ notification: Notification, _ reply: ReplyBuffer) -> Int32 {
        reply.begin(notification)
        return reply.withMessage { device.send($0) }
    }
}

/// What a mount wants to know of a root catalog.
enum RootCatalog {
    /// The number of entries of the whole repository, from the counters.
    ///
    /// Fetches the catalog if need be.
    static func entryCount(of root: DirectoryPlace, _ walker: TreeWalker) throws -> UInt64 {
        let counters = try walker.catalog(of: root, .mayFetch).counters()
        let names = ["regular", "symlink", "special", "dir"]
        let sum = names.reduce(Int64(0)) {
            $0 &+ (counters["self_" + $1] ?? 0) &+ (counters["subtree_" + $1] ?? 0)
        }
        return UInt64(clamping: sum &- (counters["self_nested"] ?? 0) &- (counters["subtree_nested"] ?? 0))
    }
}
