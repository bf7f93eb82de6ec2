// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import CVMFSFormat
internal import ClientConfiguration

/// `wharf client config`.
struct ClientConfigCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config",
        abstract: "Show the parameters of a repository, where each comes from, and which have no effect.",
        discussion: """
            Example:
              wharf client config atlas.cern.ch
            """
    )

    @Flag(help: "Print JSON.")
    var json = false

    @Flag(help: .hidden)
    var printReference = false

    @Option(help: .hidden)
    var directory = NodeConfiguration.directory

    @Argument(help: "The repository's name; without one, what holds for all.")
    var repository: String?

    /// One parameter, as it is printed.
    private struct Line: Encodable {
        let name: String
        let value: String
        let origin: String
        let effect: String
    }

    func run() throws {
        guard !printReference else { return print(ParameterTable.markdown, terminator: "") }
        let configuration = try NodeConfiguration(of: try name(), in: directory)
        let lines = configuration.parameters.entries.sorted { $0.key < $1.key }.map { name, entry in
            Line(
                name: name,
                value: entry.value,
                origin: "\(entry.origin)",
                effect: ParameterTable.row(of: name)?.treatment.text ?? "for links and scripts only"
            )
        }
        if json {
            try JSONOutput.write(lines)
        } else {
            for line in lines { print(Self.text(line)) }
        }
        for note in configuration.notes { StandardError.print("wharf: \(note)") }
        if configuration.files.isEmpty {
            StandardError.print("wharf: there is no configuration in \(directory)")
        }
    }

    private func name() throws(SettingProblem) -> RepositoryFQRN? {
        guard let repository else { return nil }
        guard let name = NodeConfiguration.repository(repository, in: directory) else {
            throw SettingProblem(.repository, "'\(repository)' is no repository name")
        }
        return name
    }

    private static func text(_ line: Line) -> String {
        let effect = line.effect.hasPrefix("ignored") ? "  [\(line.effect)]" : ""
        return "\(line.name)=\(line.value)    # \(line.origin)\(effect)"
    }
}
