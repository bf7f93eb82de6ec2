// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import Foundation

/// Programs as the build made them, and what other tools there are.
package enum BuiltProgram {
    /// What came of a run.
    package struct Outcome: Sendable {
        package let status: Int32
        package let output: String
        package let errors: String
    }

    /// The path of `wharf`: beside the test runner.
    package static let wharf: String = {
        let runner = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        let beside = (runner as NSString).deletingLastPathComponent + "/wharf"
        return FileManager.default.isExecutableFile(atPath: beside)
            ? beside : packageRoot + "/.build/debug/wharf"
    }()

    /// The directory of Package.swift.
    package static let packageRoot: String = {
        var url = URL(fileURLWithPath: #filePath)
        for _ in 0..<4 { url.deleteLastPathComponent() }
        return url.path
    }()

    /// Runs a program to its end.
    package static func run(_ path: String, _ arguments: [String]) throws -> Outcome {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        process.standardInput = FileHandle.nullDevice
        // Files, not pipes: a mount that stays behind would keep a pipe open.
        let (output, errors) = (try TemporaryOutput(), try TemporaryOutput())
        process.standardOutput = output.handle
        process.standardError = errors.handle
        try process.run()
        process.waitUntilExit()
        return Outcome(
            status: process.terminationStatus,
            output: try output.text(),
            errors: try errors.text()
        )
    }
}

/// A file that takes the output of a program.
private final class TemporaryOutput {
    let handle: FileHandle
    private let path = NSTemporaryDirectory() + "wharf-output-" + UUID().uuidString

    init() throws {
        _ = FileManager.default.createFile(atPath: path, contents: nil)
        handle = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func text() throws -> String {
        String(decoding: try Data(contentsOf: URL(fileURLWithPath: path)), as: UTF8.self)
    }
}
