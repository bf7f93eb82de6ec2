// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import ServerAssembly

/// The thread of a command's calls, which block.
enum CommandThread {
    /// Runs `body` and returns what it returns.
    static func run<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await DeepThread.run(named: "command", body)
    }
}
