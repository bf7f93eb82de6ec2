// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Problems

#if canImport(Glibc)
internal import Glibc
#endif

/// Runs the command that a command line names, and ends the process with its status.
///
/// | status | meaning |
/// |---|---|
/// | 0 | done |
/// | 1 | failed |
/// | 2 | wrong usage |
package enum CommandLineProgram {
    /// Never returns.
    ///
    /// `arguments` begins with the program's name.
    package static func run(_ arguments: [String]) -> Never {
        let words = Invocation.words(of: arguments)
        if ServerProgram.runs(words) { exit(ServerProgram.become(words)) }
        do {
            var command = try WharfCommand.parseAsRoot(words)
            try command.run()
            exit(0)
        } catch let problem as any Problem {
            StandardError.print("wharf: \(problem)")
            exit(1)
        } catch let status as ExitCode {
            exit(status.rawValue)
        } catch {
            exit(report(error))
        }
    }

    /// Prints what the parser has to say (help is no error) and returns the status.
    private static func report(_ error: any Error) -> Int32 {
        let text = WharfCommand.fullMessage(for: error)
        let code = WharfCommand.exitCode(for: error)
        guard !code.isSuccess else {
            print(text)
            return 0
        }
        StandardError.print(text)
        // The parser's own status for wrong usage is 64.
        return code == .validationFailure ? 2 : 1
    }
}

/// The standard error stream.
enum StandardError {
    /// Writes one line.
    static func print(_ line: String) {
        let bytes = Array((line + "\n").utf8)
        _ = write(STDERR_FILENO, bytes, bytes.count)
    }
}
