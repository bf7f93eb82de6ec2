// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import ServiceLifecycle
internal import Synchronization

/// Knows that the server is about to end, before the listening side hears of it, so that nobody begins an upload that will
/// be cut off.
final class ShutdownNotice: Service {
    private let flag = Atomic(false)

    /// Whether the server was told to end.
    var isGiven: Bool { flag.load(ordering: .relaxed) }

    func run() async throws {
        // Cancellation ends the wait as well, and then it is no less true.
        try? await gracefulShutdown()
        flag.store(true, ordering: .relaxed)
    }
}
