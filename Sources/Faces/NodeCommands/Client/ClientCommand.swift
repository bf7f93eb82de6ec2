// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser

/// `wharf client …`: the care of a node.
struct ClientCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "client",
        abstract: "Look after the mounts and the cache of this node.",
        discussion: "Example:\n  wharf client cache stat",
        subcommands: [
            CacheCommand.self,
            PreloadCommand.self,
        ]
    )
}
