// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

/// Takes note of files at the moment at which the client sees their first use.
///
/// That is when they are opened, or, where opening costs no request, when they are read. In both cases what the kernel has in its own cache is not seen.
///
/// Never waits: what comes faster than it is looked at is left out.
final class TouchDesk: Sendable {
    private struct State {
        var queue: [Node] = []
        /// Paths in the order of their first touch, while somebody records.
        var record: [[UInt8]]?
        var recorded: Set<[UInt8]> = []
    }

    private static let queueLimit = 256
    private static let recordLimit = 50_000
    private let state = Mutex(State())
    private let edition = Atomic<UInt64>(1)
    private let arrived = Signal()

    /// Changes when files that were touched before are to be told of again.
    var currentEdition: UInt64 { edition.load(ordering: .relaxed) }

    /// A file was touched.
    func note(_ node: Node) {
        state.withLock { state in
            if state.queue.count < Self.queueLimit { state.queue.append(node) }
            if let count = state.record?.count, count < Self.recordLimit,
                state.recorded.insert(node.path).inserted
            {
                state.record?.append(node.path)
            }
        }
        arrived.signal()
    }

    /// Waits for files, and takes them; none once it is closed.
    func take() -> [Node] {
        while true {
            let nodes = state.withLock { state in
                defer { state.queue.removeAll() }
                return state.queue
            }
            if !nodes.isEmpty || arrived.isClosed { return nodes }
            arrived.wait()
        }
    }

    /// Ends the waiting.
    func close() { arrived.close() }

    /// Whether it is over.
    var isClosed: Bool { arrived.isClosed }

    // MARK: Recording

    /// Records from now on; returns `false` if somebody records already.
    func beginRecord() -> Bool {
        let begins = state.withLock { state in
            guard state.record == nil else { return false }
            state.record = []
            return true
        }
        if begins { edition.wrappingAdd(1, ordering: .relaxed) }
        return begins
    }

    /// What was touched since; `nil` if nobody records.
    func endRecord() -> [[UInt8]]? {
        state.withLock { state in
            defer {
                state.record = nil
                state.recorded = []
            }
            return state.record
        }
    }
}

/// The files that one thread has told the desk of lately, so that reading goes on without a lock.
///
/// A table without chains: who is pushed out is told of twice, which does no harm.
struct TouchMemory {
    private static let size = 1024
    private var marks = [UInt64](repeating: 0, count: size)

    /// Whether a node was not told of yet in an edition; it is from now on.
    mutating func isNew(_ node: UInt64, edition: UInt64) -> Bool {
        let mark = node &* 0x9e37_79b9_7f4a_7c15 ^ edition
        let place = Int(mark >> 54)
        guard marks[place] != mark else { return false }
        marks[place] = mark
        return true
    }
}
