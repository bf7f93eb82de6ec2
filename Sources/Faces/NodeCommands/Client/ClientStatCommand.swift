// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser

/// `wharf client stat`.
struct ClientStatCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stat",
        abstract: "Show how the mounts of this node are doing.",
        discussion: """
            Example:
              wharf client stat atlas.cern.ch
            """
    )

    @Flag(help: "Print JSON: a list with an object for each mount.")
    var json = false

    @Flag(help: "Print the numbers in the text form of Prometheus.")
    var metrics = false

    @Argument(help: "Names or mount points; all mounts if there are none.")
    var repositories: [String] = []

    func run() throws {
        let command = json ? "status" : metrics ? "metrics" : "internal affairs"
        let answers = try RunningMount.answers(of: repositories, to: command)
        let texts = answers.given.map(\.text)
        if json {
            let objects = texts.map { $0.hasSuffix("\n") ? String($0.dropLast()) : $0 }
            print("[" + objects.joined(separator: ",\n ") + "]")
        } else {
            print(metrics ? Self.merged(texts) : texts.joined(separator: "\n"), terminator: "")
        }
        if !answers.areComplete { throw ExitCode.failure }
    }

    /// The numbers of several mounts, those of one name together under one explanation, as the text form wants them.
    private static func merged(_ texts: [String]) -> String {
        var names: [Substring] = []
        var lines: [Substring: (explanation: [Substring], samples: [Substring])] = [:]
        for line in texts.joined().split(separator: "\n") {
            let isExplanation = line.hasPrefix("# ")
            let name =
                isExplanation
                ? line.split(separator: " ").dropFirst(2).first ?? "" : line.prefix { $0 != "{" && $0 != " " }
            if lines[name] == nil { names.append(name) }
            var known = lines[name] ?? ([], [])
            if !isExplanation {
                known.samples.append(line)
            } else if known.samples.isEmpty {
                known.explanation.append(line)
            }
            lines[name] = known
        }
        return names.compactMap { lines[$0] }.flatMap { $0.explanation + $0.samples }
            .map { $0 + "\n" }.joined()
    }
}
