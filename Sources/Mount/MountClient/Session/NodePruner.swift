// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import Dispatch
internal import FUSEWire
internal import Synchronization

/// Asks the kernel to forget nodes that nobody uses when there are too many: by itself it does so only when its own
/// memory is short.
///
/// The kernel drops what is not open and has no name in use, which it tells by forgets; what it keeps stays in the
/// table. On a thread of its own, since the kernel may have to wait for an answer before it can drop a file.
final class NodePruner: Sendable {
    private static let batchCount = 512

    private let state: MountState
    private let device: FUSEDevice
    private let isStopped = Atomic(false)

    init(_ state: MountState, device: FUSEDevice) {
        self.state = state
        self.device = device
    }

    /// Ends `run`.
    func stop() {
        isStopped.store(true, ordering: .releasing)
        state.nodes.crowded.signal()
    }

    /// Waits for the table to get crowded, again and again until `stop`.
    func run() {
        let reply = ReplyBuffer(payloadCapacity: 16 + 8 * Self.batchCount)
        while true {
            state.nodes.crowded.wait()
            guard !isStopped.load(ordering: .acquiring) else { return }
            var rest = state.nodes.unused()[...]
            while !rest.isEmpty {
                reply.begin(.forgetUnused(Array(rest.prefix(Self.batchCount))))
                // A failure means that the mount ends, or that a node was forgotten meanwhile.
                _ = reply.withMessage { device.send($0) }
                rest = rest.dropFirst(Self.batchCount)
            }
        }
    }
}
