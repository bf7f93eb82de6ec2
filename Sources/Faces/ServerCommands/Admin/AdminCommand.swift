// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser

/// `wharfd admin`: what the administrator of a server does.
struct AdminCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "admin",
        abstract: "Look after a server and its data.",
        discussion: """
            Example: wharf admin scrub --data /srv/wharf
            """,
        subcommands: [
            AdminUserCommand.self,
            AdminProjectCommand.self,
            AdminRobotCommand.self,
            AdminAuditCommand.self,
            AdminTokenKeysCommand.self,
            AdminReadOnlyCommand.self,
            AdminBackupCommand.self,
            AdminRestoreCommand.self,
            AdminImportCommand.self,
            AdminScrubCommand.self,
            AdminGarbageCommand.self,
        ]
    )
}
