// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import ManagementHTTP

/// `wharfd admin project`: projects and who belongs to them.
struct AdminProjectCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "project",
        abstract: "Make, change and list projects and their members.",
        discussion: """
            A project is the first part of a repository's name: team/app belongs to the project team.

            Example: wharf admin project create team --private
            """,
        subcommands: [
            Create.self,
            List.self,
            Set.self,
            Grant.self,
            Revoke.self,
            Remove.self,
        ]
    )

    /// Who may pull.
    enum Visibility: EnumerableFlag {
        case `public`
        case `private`

        static func help(for value: Self) -> ArgumentHelp? {
            switch value {
            case .public: "Everybody may pull, and images are published in the file tree."
            case .private: "Only members may pull, and nothing is published."
            }
        }
    }

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "create",
            abstract: "Make a project; without --public it is private.",
            discussion: "Example: wharf admin project create team --public"
        )

        @Argument(help: "The project's name.")
        var name: String
        @Flag var visibility = Visibility.private
        @OptionGroup var options: AccessOptions

        func run() async throws {
            let wish = AccessDocument.ProjectWish(name: name, public: visibility == .public)
            try await options.client.call("POST", ["projects"], body: wish)
            print("The project \(name) is there, \(visibility).")
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "ls",
            abstract: "List the projects with their members.",
            discussion: "Example: wharf admin project ls --json"
        )

        @Flag(help: "Print JSON.")
        var json = false
        @OptionGroup var options: AccessOptions

        func run() async throws {
            let projects: [AccessDocument.Project] = try await options.client.call("GET", ["projects"])
            if json { return try JSONOutput.write(projects) }
            var table = TextTable(["NAME", "PULL", "REPOSITORIES", "MEMBERS"])
            for project in projects {
                let members = project.members.map { "\($0.user) (\($0.role ?? ""))" }
                table.add([
                    project.name, project.public ? "everybody" : "members", "\(project.repositories)",
                    members.joined(separator: ", "),
                ])
            }
            StandardStream.output.write(table.text)
        }
    }

    struct Set: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "set",
            abstract: "Open a project to everybody, or close it; its images follow in the file tree.",
            discussion: "Example: wharf admin project set team --public"
        )

        @Argument(help: "The project's name.")
        var name: String
        @Flag var visibility: Visibility
        @OptionGroup var options: AccessOptions

        func run() async throws {
            let wish = AccessDocument.ProjectWish(public: visibility == .public)
            try await options.client.call("PATCH", ["projects", name], body: wish)
            print("The project \(name) is \(visibility).")
        }
    }

    struct Grant: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "grant",
            abstract: "Give a user a role in a project.",
            discussion: """
                Roles: limited-guest, guest (pull), developer (pull and push), maintainer (and delete), project-admin.

                Example: wharf admin project grant team alice developer
                """
        )

        @Argument(help: "The project's name.")
        var project: String
        @Argument(help: "The user's name.")
        var user: String
        @Argument(help: "The role.")
        var role: String
        @OptionGroup var options: AccessOptions

        func run() async throws {
            let member = AccessDocument.Member(user: user, role: role)
            try await options.client.call("PUT", ["projects", project, "members"], body: member)
            print("\(user) is \(role) in the project \(project).")
        }
    }

    struct Revoke: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "revoke",
            abstract: "Take a user's role in a project.",
            discussion: "Example: wharf admin project revoke team alice"
        )

        @Argument(help: "The project's name.")
        var project: String
        @Argument(help: "The user's name.")
        var user: String
        @OptionGroup var options: AccessOptions

        func run() async throws {
            let member = AccessDocument.Member(user: user, role: nil)
            try await options.client.call("PUT", ["projects", project, "members"], body: member)
            print("\(user) has no role in the project \(project).")
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "rm",
            abstract: "Remove a project that has no repositories.",
            discussion: "Example: wharf admin project rm team"
        )

        @Argument(help: "The project's name.")
        var name: String
        @OptionGroup var options: AccessOptions

        func run() async throws {
            try await options.client.call("DELETE", ["projects", name])
            print("The project \(name) is removed.")
        }
    }
}
