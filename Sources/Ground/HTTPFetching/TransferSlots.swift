// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import Dispatch
internal import Synchronization
internal import TransferPlanning

/// Lets so many transfers run at once, and has the others wait for their turn.
final class TransferSlots: Sendable {
    private struct State {
        var plan = SlotPlan()
        var waiting: [UInt64: DispatchSemaphore] = [:]
    }

    private let state = Mutex(State())

    /// Waits for a place; blocks the calling thread.
    func enter(_ weight: SlotPlan.Weight) {
        let turn = state.withLock { state -> DispatchSemaphore? in
            guard let ticket = state.plan.enter(weight) else { return nil }
            let turn = DispatchSemaphore(value: 0)
            state.waiting[ticket] = turn
            return turn
        }
        turn?.wait()
    }

    /// Gives the place back.
    func leave(_ weight: SlotPlan.Weight) {
        let turns = state.withLock { state in
            state.plan.leave(weight).compactMap { state.waiting.removeValue(forKey: $0) }
        }
        for turn in turns { turn.signal() }
    }
}
