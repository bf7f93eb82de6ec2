// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import Dispatch
internal import FUSEWire
internal import Synchronization

/// Takes back what the kernel was told of a revision that was replaced while the answer was on its way.
///
/// A new revision is first shown and then announced. An answer that was made before may reach the kernel after the
/// announcement, and would be believed for an hour. So whoever sent an answer looks whether the revision has changed
/// since it began: if so, the announcement may have come first, and what the answer named is announced once more.
/// Otherwise the answer was sent before the change, and so before its announcement.
///
/// On a thread of its own: to drop a name the kernel waits for whoever holds its directory, and that one may wait for
/// an answer of the very thread that sends the notification.
final class LateAnswers: Sendable {
    private let device: FUSEDevice
    private let waiting = Mutex<[Notification]>([])
    private let arrived = DispatchSemaphore(value: 0)
    private let isStopped = Atomic(false)

    init(device: FUSEDevice) { self.device = device }

    /// Queues notifications; never waits.
    func takeBack(_ notifications: [Notification]) {
        guard !notifications.isEmpty else { return }
        waiting.withLock { $0 += notifications }
        arrived.signal()
    }

    /// Ends `run`.
    func stop() {
        isStopped.store(true, ordering: .releasing)
        arrived.signal()
    }

    /// Sends what is queued, again and again until `stop`.
    func run() {
        let reply = ReplyBuffer(payloadCapacity: 1024)
        while true {
            arrived.wait()
            guard !isStopped.load(ordering: .acquiring) else { return }
            let notifications = waiting.withLock { waiting in
                defer { waiting = [] }
                return waiting
            }
            for notification in notifications {
                reply.begin(notification)
                // A failure means that the kernel does not know what it should forget.
                _ = reply.withMessage { device.send($0) }
            }
        }
    }
}

extension RequestHandler {
    /// To be called after the answer to a request was sent.
    func sent(_ request: Request) {
        guard state.epoch != epoch, state.options.kernel.contains(.notifications) else { return }
        let node = request.header.node
        switch request.operation {
        case .lookup(let name):
            guard !isFrozen(node) else { return }
            state.lateAnswers.takeBack([.nameChanged(parent: node, name: Array(name)), .nodeChanged(node)])
        case .readDirectory: state.lateAnswers.takeBack([.nodeChanged(node)])
        case .readDirectoryPlus:
            guard !isFrozen(node) else { return }
            let names = reply.listedNames.map { Notification.nameChanged(parent: node, name: $0) }
            state.lateAnswers.takeBack(names + [.nodeChanged(node)])
        case .getAttributes: state.lateAnswers.takeBack([.attributesChanged(node)])
        default: break
        }
    }

    /// Whether a directory's names never change: those must not be made stale either (see `RevisionWatcher`).
    private func isFrozen(_ directory: UInt64) -> Bool {
        switch state.nodes[directory] {
        case .node(let node): ImmutableTrees.isFrozen(node.path)
        case .located(let located): located.catalog.isFrozen
        case nil: true
        }
    }
}
