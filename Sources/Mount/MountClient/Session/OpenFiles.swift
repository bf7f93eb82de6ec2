// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import ObjectCache
internal import Synchronization

/// The open files of a mount that answers OPEN: each node has one mode until its last release, since the kernel fails
/// opens that mix modes (EIO), and one registration, since it also fails those that mix registrations.
final class OpenFiles: Sendable {
    /// How a node is read.
    enum Mode: Sendable {
        case cached
        case passthrough(UInt32)
    }

    private struct Opened {
        let mode: Mode
        /// Keeps a registered object from being evicted.
        let object: CachedObject?
        var count: Int
    }

    /// The files of one shard of the nodes, under a lock of their own: it is held while the kernel registers a file.
    private final class Shard: Sendable {
        let opened = Mutex<[UInt64: Opened]>([:])
    }

    private let device: FUSEDevice
    private let shards = (0..<NodeNumbers.shardCount).map { _ in Shard() }

    init(device: FUSEDevice) { self.device = device }

    /// Opens a node in the mode that it is open in, or by passthrough to `object` if there is one and the kernel
    /// takes it.
    func open(_ node: UInt64, object: CachedObject?) -> Mode {
        shards[NodeNumbers.shard(of: node)].opened.withLock { opened in
            if let known = opened[node] {
                opened[node]?.count += 1
                return known.mode
            }
            let backing = object.flatMap { device.registerBacking($0.descriptor) }
            let mode = backing.map { Mode.passthrough($0) } ?? .cached
            opened[node] = Opened(mode: mode, object: backing == nil ? nil : object, count: 1)
            return mode
        }
    }

    /// Closes a node once.
    func release(_ node: UInt64) {
        shards[NodeNumbers.shard(of: node)].opened.withLock { opened in
            guard let known = opened[node] else { return }
            guard known.count <= 1 else {
                opened[node]?.count -= 1
                return
            }
            opened[node] = nil
            if case .passthrough(let backing) = known.mode { device.releaseBacking(backing) }
        }
    }
}
