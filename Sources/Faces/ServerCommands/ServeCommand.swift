// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Foundation
internal import ServerAssembly

/// The command `wharfd serve`.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Run the registry and publish what is pushed to it.",
        discussion: """
            Without any option: data in ./wharf-data, listening on 127.0.0.1:5000.

            Example: wharf serve --data /srv/wharf --listen 127.0.0.1:5000
            """
    )

    @Option(help: "A YAML file with settings.")
    var config: String?

    @Option(help: "The data directory (default: ./wharf-data).")
    var data: String?

    @Option(help: ArgumentHelp("Where to listen (default: 127.0.0.1:5000).", valueName: "host:port"))
    var listen: String?

    @Flag(help: "Check the configuration, report all faults, and stop.")
    var checkConfig = false

    @Option(help: .hidden)
    var printReference: String?

    func validate() throws {
        guard let printReference, ReferencePage(rawValue: printReference) == nil else { return }
        let names = ReferencePage.allCases.map(\.rawValue).joined(separator: ", ")
        throw ValidationError("'\(printReference)' is no reference page; there are \(names)")
    }

    func run() async throws {
        if let page = printReference.flatMap({ ReferencePage(rawValue: $0) }) {
            return StandardStream.output.write(page.text)
        }
        var flags: [String: String] = [:]
        flags["data"] = data
        flags["listen"] = listen
        let sources = ConfigurationSources(
            flags: flags,
            environment: ProcessInfo.processInfo.environment,
            file: config
        )
        let configuration = try sources.configuration()
        if checkConfig {
            print("The configuration is valid.")
            return
        }
        let server = try await Server(configuration, loggers: ServerLoggers(configuration))
        try await server.addPublishing()
        let welcome = Welcome(
            address: server.configuration.listen,
            scheme: server.configuration.scheme,
            dataDirectory: server.data.path,
            isOpen: try await server.isOpen()
        )
        try await server.run {
            StandardStream.output.write(welcome.text)
        }
    }
}
