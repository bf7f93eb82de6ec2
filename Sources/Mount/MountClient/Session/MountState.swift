// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CVMFSFormat
internal import CVMFSReader
internal import Digests
internal import FUSEWire
internal import ObjectCache
internal import Synchronization

/// What all threads of a mount share.
final class MountState: Sendable {
    /// The revision that is shown.
    struct Shown: Sendable {
        var root: DirectoryPlace
        var rootHash: ContentHash
        var revision: UInt64
        /// Grows with every change of the revision.
        var epoch: UInt64
        /// How many entries the repository has.
        var entryCount: UInt64
        /// The manifest that names the revision; `nil` if only its root catalog was named.
        var manifest: PublishedManifest?
        /// The tag that the mount is pinned to; empty for none.
        var tag: String
    }

    let reader: RepositoryReader
    let cache: any CacheStore
    let options: MountOptions
    let agreement: Negotiation.Agreement
    let nodes: NodeTable
    /// For a mount that is exported: the nodes that others may come back with.
    let handedOut: HandedOutNodes?
    let chunkLists = ChunkLists()
    let touches = TouchDesk()
    let catalogs = CatalogLibrary(limit: 48)
    let openFiles: OpenFiles
    let desks = OpenDesks()
    /// Whether large files are registered with the kernel, which then reads them without us.
    let usesPassthrough: Bool
    /// Whether files are opened without a request.
    let isNoOpen: Bool
    /// Fetches what will be wanted next.
    let ahead = BackgroundLane("wharf-ahead", threads: 16, jobs: 256)
    let neighbours = NeighbourDesk()
    /// Joins chunks, one file at a time.
    let joins = BackgroundLane("wharf-join", threads: 1, jobs: 64)
    /// Where the mount can be asked.
    let controlPath: String?
    let report: @Sendable (String) -> Void
    let counters = MountCounters()
    /// `nil` unless that is measured.
    let latencies: Latencies?
    let log: LogRing
    let started = ContinuousClock.now
    private let current: Mutex<Shown>
    private let due = Atomic<Int64>(0)
    private let longestTime: Mutex<Duration?>
    private let keptStatus = Mutex<KeptStatus?>(nil)
    /// The epoch of what is shown, without a lock.
    private let shownEpoch: Atomic<UInt64>
    /// Takes back answers that a new revision overtook.
    let lateAnswers: LateAnswers
    private let online = Atomic(true)

    init(
        reader: RepositoryReader,
        cache: any CacheStore,
        options: MountOptions,
        agreement: Negotiation.Agreement,
        device: FUSEDevice,
        shown: Shown,
        numbers: NodeNumbers,
        handedOut: HandedOutNodes?,
        canPassThrough: Bool,
        controlPath: String?,
        report: @escaping @Sendable (String) -> Void
    ) {
        self.reader = reader
        self.cache = cache
        self.options = options
        self.agreement = agreement
        self.handedOut = handedOut
        nodes = NodeTable(limit: options.nodeLimit, numbers)
        openFiles = OpenFiles(device: device)
        usesPassthrough = canPassThrough && options.openMode != .none
        isNoOpen =
            agreement.features.contains(.noOpen)
            && (options.openMode == .none || options.openMode == .auto && !canPassThrough)
        current = Mutex(shown)
        latencies = options.measuresLatencies ? Latencies() : nil
        longestTime = Mutex(options.longestTimeToLive)
        shownEpoch = Atomic(shown.epoch)
        lateAnswers = LateAnswers(device: device)
        self.controlPath = controlPath
        let log = LogRing()
        self.log = log
        self.report = { line in
            log.add(line)
            report(line)
        }
    }

    /// How far the servers are now.
    var distance: Distance { Distance(roundTrip: reader.objects.meter.roundTrip) }

    /// What STATFS was answered with, for as long as that may be said again.
    private struct KeptStatus {
        let status: FileSystemStatus
        let taken: ContinuousClock.Instant
    }

    /// The numbers of STATFS, which are as old as the options allow.
    var fileSystemStatus: FileSystemStatus {
        guard options.statusDuration > .zero else { return FileSystemStatus(self) }
        let now = ContinuousClock.now
        if let kept = keptStatus.withLock({ $0 }), now - kept.taken < options.statusDuration {
            return kept.status
        }
        let status = FileSystemStatus(self)
        keptStatus.withLock { $0 = KeptStatus(status: status, taken: now) }
        return status
    }

    /// The revision that is shown now.
    var shown: Shown { current.withLock { $0 } }

    /// The epoch of the revision that is shown now.
    var epoch: UInt64 { shownEpoch.load(ordering: .sequentiallyConsistent) }

    /// Shows another revision from now on.
    ///
    /// Returns what is shown with its new epoch.
    func show(_ manifest: PublishedManifest, entryCount: UInt64) -> Shown {
        current.withLock { shown in
            shown = Shown(
                root: .root(manifest.rootCatalog),
                rootHash: manifest.rootCatalog,
                revision: manifest.revision,
                epoch: shown.epoch + 1,
                entryCount: entryCount,
                manifest: manifest,
                tag: ""
            )
            shownEpoch.store(shown.epoch, ordering: .sequentiallyConsistent)
            return shown
        }
    }

    /// When the manifest is asked for next, in unix seconds; `nil` for a mount that stays as it is.
    var refreshDue: Int64? {
        let time = due.load(ordering: .relaxed)
        return time == 0 ? nil : time
    }

    /// The manifest will be asked for at a time.
    func setRefreshDue(_ time: Int64) { due.store(time, ordering: .relaxed) }

    /// The switches whose features are wanted, and offered by this kernel.
    var featuresInUse: [String] {
        KernelFeatures.names.filter { options.kernel.contains($0.value) && isOffered($0.value) }.map(\.key)
    }

    private func isOffered(_ feature: KernelFeatures) -> Bool {
        if let wire = Handshake.wireFeatures.first(where: { $0.0 == feature })?.1 {
            return !agreement.features.isDisjoint(with: wire)
        }
        switch feature {
        case .epochs: return agreement.hasEpochs
        case .forgetting: return agreement.canForgetOnRequest
        default: return true
        }
    }

    /// The longest time after which the manifest is asked for; `nil` for whatever the repository says.
    var longestTimeToLive: Duration? { longestTime.withLock { $0 } }

    /// Bounds that time; `nil` for no bound.
    func setLongestTimeToLive(_ time: Duration?) { longestTime.withLock { $0 = time } }

    /// Whether the last question to the servers was answered.
    var isOnline: Bool { online.load(ordering: .relaxed) }

    /// Notes whether the servers answer.
    func setOnline(_ isOnline: Bool) { online.store(isOnline, ordering: .relaxed) }
}
