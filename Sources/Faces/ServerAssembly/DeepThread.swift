// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import Foundation

/// Runs calls that block for long on a thread of their own: the threads of tasks stay free for the network.
package enum DeepThread {
    /// The chain of nested catalogs is followed by recursion.
    private static let stackSize = 16 << 20

    /// Runs `body` on a thread of a name, and returns what it returns.
    package static func run<Value: Sendable>(
        named name: String,
        _ body: @escaping @Sendable () throws -> Value
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            let thread = Thread { continuation.resume(with: Result(catching: body)) }
            thread.name = name
            thread.stackSize = stackSize
            thread.start()
        }
    }
}
