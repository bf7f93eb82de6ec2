// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser

/// `wharf image …`: what became of images that were pushed.
struct ImageCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "image",
        abstract: "Show images in a registry, and how far their publication is.",
        discussion: "Example:\n  wharf image status 127.0.0.1:5000/team/app:1.2",
        subcommands: [
            ImageListCommand.self, ImageStatusCommand.self, ImageDiffCommand.self, ImageWatchCommand.self,
            ImagePublishCommand.self, ImageUnpublishCommand.self,
        ]
    )
}

/// `wharf image ls`.
struct ImageListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ls",
        abstract: "List all tags and the state of their publication.",
        discussion: "Example:\n  wharf image ls --server http://127.0.0.1:5000"
    )

    @Option(help: "The registry's address.")
    var server = "http://127.0.0.1:5000"

    @OptionGroup var identity: RegistryIdentity

    @Flag(help: "Print JSON.")
    var json = false

    func run() throws {
        let answer = try identity.shown(to: ImageService(server: server)).list()
        guard !json else { return print(answer.text) }
        for status in try answer.statuses() { print(status.line) }
    }
}

/// `wharf image status`.
struct ImageStatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show how far the publication of an image is, and what of it cannot be shown as it is.",
        discussion: "Example:\n  wharf image status 127.0.0.1:5000/team/app:1.2 --json"
    )

    @Argument(help: "The image, such as registry.example.org/team/app:1.2.")
    var reference: String

    @Option(help: "The registry's address, if the reference does not say it.")
    var server: String?

    @OptionGroup var identity: RegistryIdentity

    @Flag(help: "Print JSON.")
    var json = false

    func run() throws {
        let service = try identity.shown(to: ImageService(reference: reference, server: server))
        let answer = try service.status(of: reference)
        guard !json else { return print(answer.text) }
        for line in try answer.status().details { print(line) }
    }
}

/// `wharf image diff`.
struct ImageDiffCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff",
        abstract: "Print how the published tree of an image differs from its layers.",
        discussion: """
            Added files are those that runtimes expect and the markers where catalogs
            begin; changed entries are those that the repository's format cannot say.
            Nothing else may differ.

            Example:
              wharf image diff 127.0.0.1:5000/team/app:1.2
            """
    )

    @Argument(help: "The image, such as registry.example.org/team/app:1.2.")
    var reference: String

    @Option(help: "The registry's address, if the reference does not say it.")
    var server: String?

    @OptionGroup var identity: RegistryIdentity

    @Flag(help: "Print JSON.")
    var json = false

    func run() throws {
        let service = try identity.shown(to: ImageService(reference: reference, server: server))
        let answer = try service.difference(of: reference)
        guard !json else { return print(answer.text) }
        for line in try answer.differences() { print(line) }
    }
}

/// `wharf image watch`.
struct ImageWatchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "watch",
        abstract:
            "Print every change of state, until interrupted; of one image, until it is published or failed.",
        discussion: "Example:\n  wharf image watch 127.0.0.1:5000/team/app:1.2"
    )

    @Argument(help: "One image; all of them if there is none.")
    var reference: String?

    @Option(help: "The registry's address.")
    var server: String?

    @OptionGroup var identity: RegistryIdentity

    @Flag(help: "Print a line of JSON for each change.")
    var json = false

    func run() throws {
        let service = try identity.shown(
            to: reference.map { try ImageService(reference: $0, server: server) }
                ?? ImageService(server: server ?? "http://127.0.0.1:5000")
        )
        let wanted = try reference.map { try ImageService.normalised($0) }
        var shown: [String: String] = [:]
        var hasSaidThatItWaits = false
        while true {
            let statuses = try service.list().statuses()
            if let wanted, !hasSaidThatItWaits, !statuses.contains(where: { $0.reference == wanted }) {
                StandardError.print(
                    "wharf: the registry knows no image \(wanted) yet, or shows it to others: waiting for it"
                )
                hasSaidThatItWaits = true
            }
            for status in statuses where wanted == nil || wanted == status.reference {
                let line = json ? status.json : status.line
                guard shown.updateValue(line, forKey: status.reference) != line else { continue }
                print(line)
                guard wanted != nil else { continue }
                if status.state == "failed" { throw ExitCode.failure }
                if status.state == "published" || status.state == "unpublished" { return }
            }
            Pause.halfASecond()
        }
    }
}
