// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import Foundation

/// Runs the calls of a command, which block, on a thread of their own: the threads of tasks stay free for the network.
enum CommandThread {
    /// The chain of nested catalogs is followed by recursion.
    private static let stackSize = 16 << 20

    /// Runs `body` and returns what it returns.
    static func run<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            let thread = Thread { continuation.resume(with: Result(catching: body)) }
            thread.name = "command"
            thread.stackSize = stackSize
            thread.start()
        }
    }
}
