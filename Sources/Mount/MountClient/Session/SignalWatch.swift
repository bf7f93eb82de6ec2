// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

#if canImport(Glibc)
internal import Glibc
#endif

/// Turns the signals that ask a program to end into a call on a thread, where everything may be called.
enum SignalWatch {
    /// Calls `body` for each SIGTERM and SIGINT from now on.
    ///
    /// Call it before other threads start: they inherit the mask that keeps the signals from them.
    static func start(_ body: @escaping @Sendable (Int32) -> Void) {
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGTERM)
        sigaddset(&signals, SIGINT)
        pthread_sigmask(SIG_BLOCK, &signals, nil)
        let waited = signals
        _ = WorkerThread("wharf-signals") {
            var waited = waited
            var signal: Int32 = 0
            while sigwait(&waited, &signal) == 0 { body(signal) }
        }
    }
}
