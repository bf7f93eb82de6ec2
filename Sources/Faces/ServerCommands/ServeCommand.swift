// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Foundation
internal import Logging
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

    func run() async throws {
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
        var logger = Logger(label: "wharf") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = configuration.logLevel
        let server = try await Server(configuration, logger: logger)
        try await server.addPublishing()
        let welcome = Welcome(
            address: server.configuration.listen,
            scheme: server.configuration.scheme,
            dataDirectory: server.data.path
        )
        try await server.run {
            StandardStream.output.write(welcome.text)
        }
    }
}
