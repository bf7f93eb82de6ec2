// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser

/// `wharf version`.
struct VersionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "version",
        abstract: "Print the version.",
        discussion: "Example:\n  wharf version"
    )

    @Flag(help: "Print JSON.")
    var json = false

    func run() { print(json ? "{\"version\":\"\(Self.version)\"}" : "wharf \(Self.version)") }

    static let version = "0.1.0"
}
