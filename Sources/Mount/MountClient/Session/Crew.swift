// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

/// The threads that work beside those that answer the kernel, each with what ends it.
struct Crew {
    private var dismissals: [() -> Void] = []

    /// Starts a thread.
    ///
    /// - Parameters:
    ///   - name: shown by `ps -T`; at most 15 bytes.
    ///   - stop: makes `work` return.
    ///   - work: what the thread does.
    mutating func start(
        _ name: String,
        stop: @escaping @Sendable () -> Void,
        _ work: @escaping @Sendable () -> Void
    ) {
        let thread = WorkerThread(name, run: work)
        dismissals.append {
            stop()
            thread.join()
        }
    }

    /// Ends all of them, in the order in which they were started, and waits for each.
    func dismiss() {
        for dismissal in dismissals { dismissal() }
    }
}
