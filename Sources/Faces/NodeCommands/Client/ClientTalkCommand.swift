// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import MountClient

/// `wharf client talk`.
struct ClientTalkCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "talk",
        abstract: "Ask a running mount something, in the words of cvmfs_talk.",
        discussion: """
            Commands: \(ControlCommand.words.joined(separator: ", ")).

            Example:
              wharf client talk atlas.cern.ch cache size
            """
    )

    @Argument(help: "The repository's name, or the mount point.")
    var repository: String

    @Argument(parsing: .remaining, help: "The command.")
    var words: [String]

    /// How answers begin that say that nothing was done.
    private static let failures = [
        "unknown command\n", "command too long\n", "not done: ", "Usage: ", "Failed", "No such regular file",
        "Not fully cleaned",
    ]

    func run() throws {
        guard !words.isEmpty else { throw ValidationError("which command? See wharf client talk --help") }
        let text = words.joined(separator: " ")
        let answer = try RunningMount.one(repository).ask(text)
        print(answer, terminator: "")
        if Self.failures.contains(where: { answer.hasPrefix($0) }) { throw ExitCode.failure }
    }
}

/// `wharf client reload`.
struct ClientReloadCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reload",
        abstract: "Let running mounts read their configuration again.",
        discussion: """
            What can change at run time (servers, proxies, time limits) changes at
            once; what needs a new mount is named.

            Example:
              wharf client reload
            """
    )

    @Argument(help: "Names or mount points; all mounts if there are none.")
    var repositories: [String] = []

    func run() throws {
        let answers = try RunningMount.answers(of: repositories, to: "reload")
        var areApplied = answers.areComplete
        for (mount, answer) in answers.given {
            for line in answer.split(separator: "\n") { print("\(mount.mountpoint): \(line)") }
            if answer.hasPrefix("Failed") { areApplied = false }
        }
        if !areApplied { throw ExitCode.failure }
    }
}
