// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import Foundation
internal import Glibc

/// Runs calls that block for long on a thread of their own: the threads of tasks stay free for the network.
package enum DeepThread {
    /// The chain of nested catalogs is followed by recursion.
    private static let stackSize = 16 << 20

    /// The niceness of work that gives way.
    private static let niceness: CInt = 10

    /// Runs `body` on a thread of a name, and returns what it returns.
    ///
    /// - Parameters:
    ///   - name: the thread's name, as `top -H` shows it.
    ///   - givesWay: whether others get the processors first. Nothing that somebody waits for may do so.
    ///   - body: what runs there.
    /// - Returns: what `body` returns.
    /// - Throws: what `body` throws.
    package static func run<Value: Sendable>(
        named name: String,
        givingWay givesWay: Bool = false,
        _ body: @escaping @Sendable () throws -> Value
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            let thread = Thread {
                // On Linux niceness belongs to the thread. Being refused it does no harm.
                if givesWay { _ = setpriority(CInt(PRIO_PROCESS.rawValue), 0, niceness) }
                continuation.resume(with: Result(catching: body))
            }
            thread.name = name
            thread.stackSize = stackSize
            thread.start()
        }
    }
}
