// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

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
    }

    let reader: RepositoryReader
    let cache: ObjectCache
    let options: MountOptions
    let agreement: Negotiation.Agreement
    let nodes: NodeTable
    let chunkLists = ChunkLists()
    let touches = TouchDesk()
    let catalogs = CatalogLibrary(limit: 48)
    let openFiles: OpenFiles
    /// Where the mount can be asked.
    let controlPath: String?
    let report: @Sendable (String) -> Void
    private let current: Mutex<Shown>
    private let online = Atomic(true)

    init(
        reader: RepositoryReader,
        cache: ObjectCache,
        options: MountOptions,
        agreement: Negotiation.Agreement,
        device: FUSEDevice,
        shown: Shown,
        controlPath: String?,
        report: @escaping @Sendable (String) -> Void
    ) {
        self.reader = reader
        self.cache = cache
        self.options = options
        self.agreement = agreement
        nodes = NodeTable(limit: options.nodeLimit)
        openFiles = OpenFiles(device: device)
        current = Mutex(shown)
        self.controlPath = controlPath
        self.report = report
    }

    /// The revision that is shown now.
    var shown: Shown { current.withLock { $0 } }

    /// Shows another revision from now on.
    ///
    /// Returns what is shown with its new epoch.
    func show(root: ContentHash, revision: UInt64, entryCount: UInt64) -> Shown {
        current.withLock { shown in
            shown = Shown(
                root: .root(root),
                rootHash: root,
                revision: revision,
                epoch: shown.epoch + 1,
                entryCount: entryCount
            )
            return shown
        }
    }

    /// Whether the last question to the servers was answered.
    var isOnline: Bool { online.load(ordering: .relaxed) }

    /// Notes whether the servers answer.
    func setOnline(_ isOnline: Bool) { online.store(isOnline, ordering: .relaxed) }

    /// Whether files are opened without a request.
    var isNoOpen: Bool { options.openMode == .none }

    /// Whether large files are registered for passthrough.
    var usesPassthrough: Bool {
        options.openMode == .passthrough && agreement.features.contains(.passthrough)
    }
}
