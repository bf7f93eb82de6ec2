// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser

/// `wharf client …`: what an administrator wants to know of a node, and to change.
struct ClientCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "client",
        abstract: "Look after the mounts and the cache of this node.",
        discussion: "Example:\n  wharf client stat",
        subcommands: [
            CacheCommand.self,
            ClientConfigCommand.self,
            ClientProbeCommand.self,
            PreloadCommand.self,
            ClientReloadCommand.self,
            ClientStatCommand.self,
            ClientTalkCommand.self,
            ClientTraceCommand.self,
        ]
    )
}
