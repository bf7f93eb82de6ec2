// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import ManagementHTTP

/// `wharfd admin robot`: the accounts of programs.
struct AdminRobotCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "robot",
        abstract: "Make, change and list the accounts of programs.",
        discussion: """
            Example:
              wharf admin robot create ci --project team --permission repository:pull \\
                  --permission repository:push
            """,
        subcommands: [
            Create.self,
            List.self,
            Secret.self,
            Set.self,
            Remove.self,
        ]
    )

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "create",
            abstract: "Make a robot and print its name and secret, which is not shown again.",
            discussion: """
                Permissions are those of docs/access.md, such as repository:pull,
                repository:push, artifact:delete.

                Example:
                  wharf admin robot create mirror --on team --on tools \\
                      --permission repository:pull --days 90
                """
        )

        @Argument(help: "The robot's short name.")
        var name: String
        @Option(help: "The project that it belongs to; without one, it is a robot of the system.")
        var project: String?
        @Option(
            help: ArgumentHelp(
                "For a robot of the system: a project where the permissions hold, * for all, / for the system itself.",
                valueName: "realm"
            )
        )
        var on: [String] = []
        @Option(help: "What it may do; can be given several times.")
        var permission: [String] = []
        @Option(help: "How many days it lives.")
        var days = 30
        @Flag(help: "Let it live for ever.")
        var forever = false
        @Option(help: "What it is for.")
        var summary = ""
        @Flag(help: "Print JSON.")
        var json = false
        @OptionGroup var options: AccessOptions

        func validate() throws {
            guard !permission.isEmpty else {
                throw ValidationError("say what it may do, such as --permission repository:pull")
            }
            guard (project == nil) != on.isEmpty else {
                throw ValidationError(
                    "say where: either --project NAME, or --on NAME for a robot of the system"
                )
            }
        }

        func run() async throws {
            let realms = project.map { [$0] } ?? on
            let wish = AccessDocument.RobotWish(
                name: name,
                project: project,
                summary: summary,
                lifetimeInDays: forever ? nil : days,
                permissions: realms.flatMap { realm in
                    permission.map { AccessDocument.Grant(realm: realm, permission: $0) }
                }
            )
            let made: AccessDocument.RobotCredentials = try await options.client.call(
                "POST",
                ["robots"],
                body: wish
            )
            try Self.show(made, json)
        }

        /// Prints what a robot logs in with.
        static func show(_ credentials: AccessDocument.RobotCredentials, _ json: Bool) throws {
            if json { return try JSONOutput.write(credentials) }
            print("name    \(credentials.name)")
            print("secret  \(credentials.secret)")
            print("expires \(credentials.expires.map { TextTable.day($0) } ?? "never")")
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "ls",
            abstract: "List the robots of a project, or those of the system.",
            discussion: "Example: wharf admin robot ls --project team"
        )

        @Option(help: "The project; without one, the robots of the system are listed.")
        var project: String?
        @Flag(help: "Print JSON.")
        var json = false
        @OptionGroup var options: AccessOptions

        func run() async throws {
            let robots: [AccessDocument.Robot] = try await options.client.call(
                "GET",
                ["robots"],
                query: project.map { ["project": $0] } ?? [:]
            )
            if json { return try JSONOutput.write(robots) }
            var table = TextTable(["NAME", "EXPIRES", "STATE", "PERMISSIONS"])
            for robot in robots {
                table.add([
                    robot.name, robot.expires.map { TextTable.day($0) } ?? "never",
                    robot.disabled ? "disabled" : "enabled",
                    robot.permissions.map { "\($0.realm) \($0.permission)" }.joined(separator: ", "),
                ])
            }
            StandardStream.output.write(table.text)
        }
    }

    struct Secret: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "secret",
            abstract: "Give a robot a new secret and print it; the old one ends at once.",
            discussion: "Example: wharf admin robot secret 'robot$team+ci'"
        )

        @Argument(help: "The robot's full name.")
        var name: String
        @Flag(help: "Print JSON.")
        var json = false
        @OptionGroup var options: AccessOptions

        func run() async throws {
            let made: AccessDocument.RobotCredentials = try await options.client.call(
                "POST",
                ["robots", name, "secret"]
            )
            try Create.show(made, json)
        }
    }

    struct Set: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "set",
            abstract: "Stop a robot for a while, or let it work again.",
            discussion: "Example: wharf admin robot set 'robot$team+ci' --disable-login"
        )

        @Argument(help: "The robot's full name.")
        var name: String
        @Flag(inversion: .prefixedEnableDisable, help: "Let the robot log in, or not.")
        var login: Bool
        @OptionGroup var options: AccessOptions

        func run() async throws {
            let wish = AccessDocument.RobotWish(disabled: !login)
            try await options.client.call("PATCH", ["robots", name], body: wish)
            print("The robot \(name) is changed.")
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "rm",
            abstract: "Remove a robot.",
            discussion: "Example: wharf admin robot rm 'robot$team+ci'"
        )

        @Argument(help: "The robot's full name.")
        var name: String
        @OptionGroup var options: AccessOptions

        func run() async throws {
            try await options.client.call("DELETE", ["robots", name])
            print("The robot \(name) is removed.")
        }
    }
}
