// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import Foundation

/// Other people's programs, run to their end.
package enum Tool {
    /// What a program has left.
    package struct Result: Sendable {
        package var status: Int32
        package var output: String
        package var errors: String

        /// Whether the program says that it succeeded.
        package var succeeded: Bool { status == 0 }
    }

    /// A program that cannot be started or that fails although it must not.
    package struct Failure: Error, CustomStringConvertible {
        package let description: String

        /// Says what happened.
        package init(description: String) { self.description = description }
    }

    /// The path of an installed program, or `nil`.
    package static func find(_ name: String) -> String? {
        let path =
            ProcessInfo.processInfo.environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"
        return path.split(separator: ":").map { "\($0)/\(name)" }
            .first { FileManager.default.isExecutableFile(atPath: $0) }
    }

    /// Runs a program; the result tells whether it succeeded.
    package static func run(
        _ name: String,
        _ arguments: [String],
        environment: [String: String] = [:],
        in scope: TestScope
    ) async throws -> Result {
        guard let path = name.hasPrefix("/") ? name : find(name) else {
            throw Failure(description: "\(name) is not installed")
        }
        // Files and not pipes: a pipe that nobody empties would stop the program.
        let stem = "tool-" + UUID().uuidString
        let output = try scope.write([], to: stem + ".out")
        let errors = try scope.write([], to: stem + ".err")
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle(forWritingAtPath: output)
        process.standardError = FileHandle(forWritingAtPath: errors)
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            process.terminationHandler = { _ in continuation.resume() }
            do {
                try process.run()
            } catch {
                process.terminationHandler = nil
                continuation.resume(throwing: error)
            }
        }
        return Result(
            status: process.terminationStatus,
            output: try String(contentsOfFile: output, encoding: .utf8),
            errors: try String(contentsOfFile: errors, encoding: .utf8)
        )
    }

    /// Runs a program that must succeed, and returns its output.
    @discardableResult
    package static func need(
        _ name: String,
        _ arguments: [String],
        environment: [String: String] = [:],
        in scope: TestScope
    ) async throws -> String {
        let result = try await run(name, arguments, environment: environment, in: scope)
        guard result.succeeded else {
            let command = ([name] + arguments).joined(separator: " ")
            throw Failure(
                description: "\(command): status \(result.status)\n\(result.output)\(result.errors)"
            )
        }
        return result.output
    }
}
