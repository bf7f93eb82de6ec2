// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import NIOPosix
internal import Synchronization

/// Runs the slow functions that passwords need: few at a time, as each takes much memory, and on threads of their own.
package final class PasswordWork: Sendable {
    /// More than so many that wait are turned away: they would wait longer than their clients do.
    private static let queueLimit = 64

    private let threads: NIOThreadPool
    private let waiting = Mutex(0)

    /// Starts its threads.
    package init(threadCount: Int = 2) {
        threads = NIOThreadPool(numberOfThreads: threadCount)
        threads.start()
    }

    deinit { threads.shutdownGracefully { _ in } }

    /// Runs `body` when it is its turn.
    ///
    /// - Throws: `passwordWork` if too many wait; else what `body` throws.
    package func run<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        let isAdmitted = waiting.withLock { count in
            guard count < Self.queueLimit else { return false }
            count += 1
            return true
        }
        guard isAdmitted else { throw IdentityProblem(.passwordWork, "too many logins at once") }
        defer { waiting.withLock { $0 -= 1 } }
        return try await threads.runIfActive(body)
    }
}
