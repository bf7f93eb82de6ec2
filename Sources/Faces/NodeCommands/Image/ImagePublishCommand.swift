// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser

/// What the commands that decide about a tag's publication have in common.
struct PublicationChoice: ParsableArguments {
    @Argument(
        help:
            "The image, such as registry.example.org/team/app:1.2; with @DIGEST only if the tag points to that."
    )
    var reference: String

    @Option(help: "The registry's address, if the reference does not say it.")
    var server: String?

    @OptionGroup var identity: RegistryIdentity

    @Flag(help: "Print JSON.")
    var json = false

    func decide(_ wish: String) throws {
        let service = try identity.shown(to: ImageService(reference: reference, server: server))
        let answer = try service.decide(wish, about: reference)
        guard !json else { return print(answer.text) }
        for line in try answer.status().details { print(line) }
    }
}

/// `wharf image publish`.
struct ImagePublishCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "publish",
        abstract: "Publish a tag whatever the rules of its project say, or leave it to them again.",
        discussion: """
            A tag of a private project is published only where its project says.

            Example:
              wharf image publish 127.0.0.1:5000/team/app:1.2
            """
    )

    @OptionGroup var choice: PublicationChoice

    @Flag(help: "Leave it to the rules of the project.")
    var byRules = false

    func run() throws { try choice.decide(byRules ? "rules" : "publish") }
}

/// `wharf image unpublish`.
struct ImageUnpublishCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "unpublish",
        abstract: "Take a tag out of the published tree, and keep it out; the registry keeps the image.",
        discussion: "Example:\n  wharf image unpublish 127.0.0.1:5000/team/app:1.2"
    )

    @OptionGroup var choice: PublicationChoice

    func run() throws { try choice.decide("unpublish") }
}
