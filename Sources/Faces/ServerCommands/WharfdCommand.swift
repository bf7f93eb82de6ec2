// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

package import ArgumentParser
internal import Problems

/// The server program: one subcommand for each part that it can play.
package struct WharfdCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        // What people type, and what usage lines and errors therefore say: wharf becomes this program.
        commandName: "wharf",
        abstract: "Wharf's server and publisher, which 'wharf' starts for these commands.",
        subcommands: [ServeCommand.self, RepoCommand.self, AdminCommand.self]
    )

    package init() {}

    /// Runs the program and returns its exit status: 0 done, 1 failed, 2 wrong usage.
    package static func run(_ arguments: [String]) async -> Int32 {
        do {
            var command = try parseAsRoot(arguments)
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
            return 0
        } catch let problem as any Problem {
            StandardStream.error.write("wharf: \(problem)\n")
            return 1
        } catch {
            return report(error)
        }
    }

    /// The parser's own errors, among them the request for help.
    ///
    /// Its status for wrong usage is 64, ours is 2.
    private static func report(_ error: any Error) -> Int32 {
        let code = exitCode(for: error)
        let text = fullMessage(for: error)
        let stream = code.isSuccess ? StandardStream.output : .error
        if !text.isEmpty { stream.write(text + "\n") }
        if code.isSuccess { return 0 }
        return code == .validationFailure ? 2 : 1
    }
}
