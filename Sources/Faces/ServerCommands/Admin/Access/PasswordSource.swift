// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Foundation

/// The password that a command needs: from a file, from a pipe, or typed twice.
struct PasswordSource: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Read the password from the first line of a file; - is the input.",
            valueName: "file"
        )
    )
    var passwordFile: String?

    /// Reads the password; on a terminal it is not shown.
    func read(for name: String) throws -> String {
        if let passwordFile, passwordFile != "-" {
            // It may be a pipe, as shells make one for <(command).
            guard let bytes = try? FileHandle(forReadingAtPath: passwordFile)?.readToEnd(),
                let text = String(validating: bytes, as: UTF8.self)
            else {
                throw AdminProblem(.noPassword, "cannot read the password from \(passwordFile)")
            }
            return Self.firstLine(text)
        }
        guard isatty(STDIN_FILENO) == 1, passwordFile == nil else {
            guard let line = readLine() else {
                throw AdminProblem(
                    .noPassword,
                    "there is no password",
                    remedy: "name a file with --password-file, or write the password to the command's input"
                )
            }
            return line
        }
        let first = Self.typed("Password for \(name): ")
        guard first == Self.typed("Again: ") else {
            throw AdminProblem(.noPassword, "the two passwords differ")
        }
        return first
    }

    private static func firstLine(_ text: String) -> String {
        String(text.prefix { $0 != "\n" && $0 != "\r\n" })
    }

    private static func typed(_ prompt: String) -> String {
        getpass(prompt).map { String(cString: $0) } ?? ""
    }
}

/// The options that every command about access has.
struct AccessOptions: ParsableArguments {
    @Option(help: "The server's data directory.")
    var data = "./wharf-data"

    var client: AccessClient { AccessClient(data: data) }
}
