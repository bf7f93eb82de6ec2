// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CVMFSCatalog
internal import CVMFSFormat
package import CVMFSReader
internal import Digests
internal import Dispatch
internal import FUSEWire
package import ObjectCache
internal import Problems

#if canImport(Glibc)
internal import Glibc
#endif

/// One mounted repository.
package final class MountSession: Sendable {
    private let target: String
    private let device: FUSEDevice
    private let state: MountState
    private let head: RepositoryReader.Head?
    private let revisions: (any RevisionSource)?
    private let control: ControlPlan?
    private let socket: ControlSocket?

    /// Verifies the repository, mounts it, and agrees with the kernel on the protocol.
    ///
    /// Requests are answered by `run`.
    ///
    /// - Parameters:
    ///   - reader: reads the repository.
    ///   - cache: the reader's cache.
    ///   - revisions: tells of new revisions; `nil` if the manifest is only asked for.
    ///   - choice: the revision to show: the newest one unless it is to stay for ever.
    ///   - target: the mount point, an absolute path.
    ///   - options: how to mount.
    ///   - control: how the mount is asked while it runs; `nil` if it is not.
    ///   - report: told of what an operator should know, one line at a time.
    /// - Throws: `ReaderProblem` before anything is mounted, or `MountProblem`.
    package init(
        reader: RepositoryReader,
        cache: any CacheStore,
        revisions: (any RevisionSource)?,
        showing choice: RevisionChoice,
        at target: String,
        options: MountOptions,
        control: ControlPlan?,
        report: @escaping @Sendable (String) -> Void
    ) throws {
        let chosen = try reader.choose(choice)
        let root = chosen.root
        let walker = TreeWalker(CatalogShelf(reader.objects, limit: 1))
        let shown = MountState.Shown(
            root: .root(root),
            rootHash: root,
            revision: try chosen.number ?? walker.catalog(of: .root(root), .mayFetch).revision,
            epoch: 1,
            entryCount: try RootCatalog.entryCount(of: .root(root), walker),
            manifest: chosen.head?.manifest.manifest,
            tag: chosen.tag
        )
        guard let entry = try walker.entry(of: shown.root, .mayFetch), entry.isDirectory else {
            throw ReaderProblem(.corrupt, "the root catalog \(root) has no entry for the root")
        }
        var options = options
        if choice != .newest { options.isFixed = true }
        head = chosen.head
        let handedOut = try options.exportDirectory.map {
            try HandedOutNodes(path: "\($0)/nodes.\(reader.repository)", report: report)
        }
        // The numbers of an export were promised to others, so it is their record that decides.
        let secret =
            handedOut?.secret
            ?? options.numbersDirectory.map {
                NumberSecret.kept(in: $0, for: reader.repository, report: report)
            }
        self.revisions = revisions
        self.control = control
        self.target = target
        device = try FUSEDevice.open()
        try device.mount(reader.repository.name, at: target, options.access)
        socket = Self.controlSocket(control, report)
        do {
            let agreement = try Handshake.perform(on: device, options)
            let canPassThrough = try Self.canPassThrough(
                reader.objects.object(.init(root, .catalog)),
                device,
                agreement
            )
            state = MountState(
                reader: reader,
                cache: cache,
                options: options,
                agreement: agreement,
                device: device,
                shown: shown,
                numbers: NodeNumbers(secret: secret ?? .random(in: 0 ... .max)),
                handedOut: handedOut,
                canPassThrough: canPassThrough,
                controlPath: socket?.path,
                report: report
            )
        } catch {
            // The mount is of no use without an agreement; the reason for that is what the caller wants to know.
            try? Unmount.unmount(target, isLazy: true)
            throw error
        }
        _ = state.nodes.refer(
            to: NodeTable.Candidate(
                path: [],
                found: FoundEntry(entry: entry, catalog: shown.root.catalog, path: []),
                place: .root,
                epoch: shown.epoch,
                linkTarget: []
            )
        )
    }

    /// Answers requests until the file system is unmounted.
    ///
    /// A SIGTERM or SIGINT unmounts it.
    ///
    /// - Parameter onReady: called once requests are answered.
    package func run(onReady: () -> Void) {
        SignalWatch.start { [target, state] signal in
            state.report("unmounting \(target) after signal \(signal)")
            // Already unmounted is as good.
            try? Unmount.unmount(target, isLazy: true)
        }
        let slowLane = SlowLane(state)
        let channels = [device] + (1..<channelCount).compactMap { _ in clone() }
        let threads = channels.map { channel in
            let loop = RequestLoop(device: channel, state: state, slowLane: slowLane)
            return WorkerThread("wharf-fuse") { loop.run() }
        }
        let crew = startCrew()
        ReadAhead.raise(at: target)
        onReady()
        for thread in threads { thread.join() }
        crew.dismiss()
        slowLane.close()
        state.ahead.close()
        state.neighbours.close()
        state.joins.close()
        state.report("unmounted")
    }

    /// Those who hear of revisions come first: the others are stopped when nobody changes the mount any more.
    private func startCrew() -> Crew {
        var crew = Crew()
        let watcher = makeWatcher()
        if let listener = watcher.flatMap({ makeListener($0) }) {
            crew.start("wharf-listen", stop: { listener.stop() }, { listener.run() })
        }
        if let watcher { crew.start("wharf-watch", stop: { watcher.stop() }, { watcher.run() }) }
        let bundles = BundleDesk(state)
        crew.start("wharf-bundle", stop: { [state] in state.touches.close() }, { bundles.run() })
        crew.start(
            "wharf-late",
            stop: { [state] in state.lateAnswers.stop() },
            { [state] in state.lateAnswers.run() }
        )
        if forgetsOnRequest {
            let pruner = NodePruner(state, device: device)
            crew.start("wharf-forget", stop: { pruner.stop() }, { pruner.run() })
        }
        guard let control else { return crew }
        let contents = KernelContents(state: state, device: device)
        let desk = ControlDesk(state, watcher, control, target: target, contents: contents)
        if let socket {
            crew.start("wharf-control", stop: { socket.close() }, { socket.run { desk.answer($0) } })
        }
        if let file = control.metricsFile.map({ MetricsFile($0) }) {
            crew.start(
                "wharf-metrics",
                stop: { file.stop() },
                { [state] in file.run({ desk.metrics }, state.report) }
            )
        }
        return crew
    }

    private func clone() -> FUSEDevice? {
        state.options.kernel.contains(.channels) ? device.clone() : nil
    }

    /// A mount that cannot be asked is still a mount.
    private static func controlSocket(_ plan: ControlPlan?, _ report: (String) -> Void) -> ControlSocket? {
        guard let plan else { return nil }
        do {
            return try ControlSocket(at: plan.sockets, owner: plan.owner)
        } catch {
            report("nobody can ask this mount: \(error)")
            return nil
        }
    }

    /// Follows the repository's revisions, unless this mount stays as it is.
    private func makeWatcher() -> RevisionWatcher? {
        guard !state.options.isFixed, let head else { return nil }
        return RevisionWatcher(state, device: device, from: head)
    }

    private func makeListener(_ watcher: RevisionWatcher) -> RevisionListener? {
        revisions.map { RevisionListener($0, watcher: watcher, report: state.report) }
    }

    private var forgetsOnRequest: Bool {
        state.agreement.canForgetOnRequest && state.options.kernel.contains(.forgetting)
    }

    /// Whether the kernel takes files of this cache: it has to know how, and the cache must not lie on another stack of
    /// file systems.
    private static func canPassThrough(
        _ object: CachedObject,
        _ device: FUSEDevice,
        _ agreement: Negotiation.Agreement
    ) -> Bool {
        guard agreement.features.contains(.passthrough) else { return false }
        guard let backing = device.registerBacking(object.descriptor) else { return false }
        device.releaseBacking(backing)
        return true
    }

    /// Two channels saturate the kernel's side; more help only while some wait for a disk.
    private var channelCount: Int { min(4, max(2, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))))) }
}
