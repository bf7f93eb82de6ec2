// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser

/// The options of every command that collects.
struct CollectionOptions: ParsableArguments {
    @Option(help: "The YAML file with the server's settings, for a run without the server.")
    var config: String?

    @Option(help: "The data directory (default: ./wharf-data).")
    var data: String?

    @Flag(help: "Tell what would go, and why, and remove nothing.")
    var dryRun = false

    @Flag(help: "Print JSON.")
    var json = false

    /// What they ask for.
    func request() throws -> CollectionRequest {
        try CollectionRequest(config: config, data: data, json: json)
    }
}
