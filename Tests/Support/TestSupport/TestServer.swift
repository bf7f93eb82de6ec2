// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import Foundation
internal import Synchronization

/// A running `wharfd serve` with its own data directory and port, for tests from outside.
///
/// ```swift
/// try await TestScope.run { scope in
///     let server = try await TestServer.start(in: scope)
///     try await Tool.need("skopeo", ["list-tags", "--tls-verify=false", "docker://\(server.address)/a"], in: scope)
/// }
/// ```
///
/// It is killed at the end of its scope.
package final class TestServer: Sendable {
    /// The data directory.
    package let data: String

    private let scope: TestScope
    private let arguments: [String]
    private let state: Mutex<State>

    private struct State {
        var process: Process?
        // Kept open, as a program whose output nobody takes is killed by its next line.
        var output: Pipe?
        var address = ""
        var starts = 0
    }

    private init(scope: TestScope, data: String, arguments: [String]) {
        self.scope = scope
        self.data = data
        self.arguments = arguments
        state = Mutex(State())
    }

    /// Starts a server on a free port and returns when it accepts connections.
    package static func start(
        in scope: TestScope,
        data: String = "data",
        arguments: [String] = []
    ) async throws -> TestServer {
        let server = TestServer(scope: scope, data: scope.path(data), arguments: arguments)
        scope.atEnd { await server.kill() }
        try await server.start(listen: "127.0.0.1:0")
        return server
    }

    /// The host and port, `127.0.0.1:PORT`.
    package var address: String { state.withLock { $0.address } }

    /// The number of the server's process.
    package var processID: Int32 { state.withLock { $0.process?.processIdentifier ?? 0 } }

    /// The URL of a path on the server.
    package func url(_ path: String) -> String { "http://\(address)\(path)" }

    /// Ends the server as a crash would (SIGKILL), and returns when it is gone.
    package func kill() async { _ = await end(SIGKILL) }

    /// Asks the server to stop (SIGTERM), and returns its exit status.
    package func stop() async -> Int32 { await end(SIGTERM) }

    /// Starts the server again after `kill` or `stop`, with the same data on the same port.
    package func restart() async throws { try await start(listen: address) }

    /// What the server has written to its standard error so far.
    package func log() -> String {
        let starts = state.withLock { $0.starts }
        return (1...max(1, starts))
            .compactMap { try? String(contentsOfFile: scope.path("server-\($0).err"), encoding: .utf8) }
            .joined()
    }

    private func end(_ signal: Int32) async -> Int32 {
        guard let process = state.withLock({ $0.process }) else { return 0 }
        if process.isRunning { Foundation.kill(process.processIdentifier, signal) }
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            // Waiting blocks, so it gets a thread of its own.
            Thread.detachNewThread {
                process.waitUntilExit()
                continuation.resume()
            }
        }
        state.withLock { $0.process = nil }
        return process.terminationStatus
    }

    /// What a program writes before the end of its first line.
    private static func beginning(of output: FileHandle) async -> String {
        await withCheckedContinuation { (continuation: CheckedContinuation<String, Never>) in
            // Reading blocks, so it gets a thread of its own.
            Thread.detachNewThread {
                var bytes = Data()
                while !bytes.contains(UInt8(ascii: "\n")) {
                    let more = output.availableData
                    guard !more.isEmpty else { break }
                    bytes += more
                }
                continuation.resume(returning: String(decoding: bytes, as: UTF8.self))
            }
        }
    }

    private func start(listen: String) async throws {
        let number = state.withLock { state in
            state.starts += 1
            return state.starts
        }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: BuiltProgram.path("wharfd"))
        process.arguments = ["serve", "--data", data, "--listen", listen] + arguments
        let output = Pipe()
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = FileHandle(forWritingAtPath: try scope.write([], to: "server-\(number).err"))
        try process.run()
        state.withLock { state in
            state.process = process
            state.output = output
        }
        // The first line comes when the server listens; the end of the stream when it has failed.
        let text = await Self.beginning(of: output.fileHandleForReading)
        guard text.hasPrefix("Wharf listens on"),
            let address = try? String(contentsOfFile: data + "/listen", encoding: .utf8)
        else { throw Tool.Failure(description: "the server did not start: \(log())") }
        state.withLock { $0.address = address.trimmingCharacters(in: .whitespacesAndNewlines) }
    }
}
