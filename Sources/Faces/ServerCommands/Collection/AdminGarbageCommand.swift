// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Foundation
internal import GarbageCollection
internal import Logging
internal import MetadataStore
internal import MetadataStoreSQLite
internal import ServerAssembly

/// The command `wharfd admin gc`.
struct AdminGarbageCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gc",
        abstract: "Collect what nothing needs any more, in the registry and in all published repositories.",
        discussion: """
            The server may run meanwhile, and does this by itself every gc.interval. What
            has just become unreferenced goes when its grace has passed (gc.blobGrace and
            the others), so a first run seldom removes much.

            Example: wharf admin gc --data /srv/wharf --dry-run
            """
    )

    @OptionGroup var options: CollectionOptions

    @Flag(help: "Show the run that is under way and those before, and start none.")
    var status = false

    @Flag(help: "Collect the registry alone, not the published repositories.")
    var registry = false

    func validate() throws {
        guard !status || !(options.dryRun || registry) else {
            throw ValidationError("--status takes only --config, --data and --json")
        }
    }

    func run() async throws {
        let request = try options.request()
        if status { return try await request.showState() }
        try await request.collect(registry ? CollectionRun.registry : nil, isDryRun: options.dryRun)
    }
}
