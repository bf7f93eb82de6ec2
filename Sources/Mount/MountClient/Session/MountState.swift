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
    let nodes = NodeTable()
    let chunkLists = ChunkLists()
    let openFiles: OpenFiles
    let report: @Sendable (String) -> Void
    private let current: Mutex<Shown>

    init(
        reader: RepositoryReader,
        cache: ObjectCache,
        options: MountOptions,
        agreement: Negotiation.Agreement,
        device: FUSEDevice,
        shown: Shown,
        report: @escaping @Sendable (String) -> Void
    ) {
        self.reader = reader
        self.cache = cache
        self.options = options
        self.agreement = agreement
        openFiles = OpenFiles(device: device)
        current = Mutex(shown)
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

    /// Whether files are opened without a request.
    var isNoOpen: Bool { options.openMode == .none }

    /// Whether large files are registered for passthrough.
    var usesPassthrough: Bool {
        options.openMode == .passthrough && agreement.features.contains(.passthrough)
    }
}
