// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CVMFSCatalog
internal import CVMFSFormat
internal import CVMFSReader
internal import Dispatch
internal import FUSEWire
internal import Problems
internal import Synchronization

/// Asks for a newer manifest, and moves the mount to it.
final class RevisionWatcher: Sendable {
    private let state: MountState
    private let device: FUSEDevice
    private let stopped = DispatchSemaphore(value: 0)

    init(_ state: MountState, device: FUSEDevice) {
        self.state = state
        self.device = device
    }

    /// Ends `run`.
    func stop() { stopped.signal() }

    /// Asks again and again until `stop`.
    func run(from first: RepositoryReader.Head) {
        var head = first
        var trouble: String?
        var confirmations = 0
        let reply = ReplyBuffer(payloadCapacity: 1024)
        while stopped.wait(timeout: .now() + interval(head)) == .timedOut {
            do {
                guard let next = try state.reader.head(unless: head, trustsValidator: confirmations > 2)
                else {
                    confirmations += 1
                    clear(&trouble)
                    continue
                }
                confirmations = 0
                if next.manifest.manifest.rootCatalog != state.shown.rootHash { try move(to: next, reply) }
                head = next
                clear(&trouble)
            } catch {
                // The mount goes on with what it has; one line for each kind of trouble, not one each second.
                let text = "\(error)"
                if text != trouble { state.report("staying at revision \(state.shown.revision): \(text)") }
                trouble = text
            }
        }
    }

    private func clear(_ trouble: inout String?) {
        if trouble != nil { state.report("the server answers again") }
        trouble = nil
    }

    private func interval(_ head: RepositoryReader.Head) -> Double {
        if let interval = state.options.refreshInterval {
            return Double(interval.components.seconds) + Double(interval.components.attoseconds) / 1e18
        }
        return state.reader.source.isNearby
            ? 1 : Double(min(max(head.manifest.manifest.timeToLive, 5), 86400))
    }

    private func move(to head: RepositoryReader.Head, _ reply: ReplyBuffer) throws {
        let manifest = head.manifest.manifest
        // Everything that can fail comes first: from here on the new revision is shown.
        let walker = TreeWalker(CatalogShelf(state.reader.objects, limit: 1))
        let count = try RootCatalog.entryCount(of: .root(manifest.rootCatalog), walker)
        _ = state.show(root: manifest.rootCatalog, revision: manifest.revision, entryCount: count)
        announce(reply)
        state.report("now at revision \(manifest.revision)")
    }

    /// Tells the kernel that names and directories may have changed.
    ///
    /// An overlay keeps the names of its lower trees for as long as it is mounted, and a container that stands on one that was
    /// made stale sees "Stale file handle" from then on. So where images are in use, only names that may change are named.
    private func announce(_ reply: ReplyBuffer) {
        var needsNames = true
        if state.options.allowsEpochs, state.agreement.hasEpochs, !state.nodes.haveFrozenNames {
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
        var (next, end, lost) = (UInt32(0), UInt32(1), 0)
        while next < end {
            let slice = state.nodes.nodes(inSlots: next..<(next + 4096))
            (next, end) = (next + 4096, slice.end)
            for located in slice.nodes where located.id != NodeTable.rootID && !located.catalog.isFrozen {
                do {
                    let node = try NodeReading.node(of: located, walker, .mayFetch, state.options)
                    let directory = Array(node.path.dropLast(node.entry.name.count + 1))
                    guard !ImmutableTrees.isFrozen(directory),
                        let parent = directory.isEmpty
                            ? NodeTable.rootID : state.nodes.id(at: walker.key(directory))
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
