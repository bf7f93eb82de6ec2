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
            A project is the first part of a repository's name: team/app belongs to the
            project team.

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
            case .private:
                "Only members may pull, and nothing is published unless it names a repository for that."
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
            var table = TextTable(["NAME", "PULL", "REPOSITORIES", "MEMBERS", "PUBLICATION"])
            for project in projects {
                let members = project.members.map { "\($0.user) (\($0.role ?? ""))" }
                table.add([
                    project.name, project.public ? "everybody" : "members", "\(project.repositories)",
                    members.joined(separator: ", "),
                    project.metadata.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
                        .joined(separator: "; "),
                ])
            }
            StandardStream.output.write(table.text)
        }
    }

    struct Set: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "set",
            abstract: "Open a project to everybody or close it, and say what of it is published.",
            discussion: """
                A change counts at once for all tags of the project: they appear in the file
                tree or leave it.

                Settings: publish=true|false, publish_repository=NAME,
                publish_include=PATTERNS, publish_exclude=PATTERNS, publish_platforms=NAMES,
                publish_latest_only=true|false, publish_newest=NUMBER,
                publish_layers=true|false. In patterns * stands for any characters, ? for one,
                {a,b} for one of several; several patterns are separated by spaces. An empty
                value puts a setting back. A private project is published only into a
                repository that it names, which is then for its members alone.

                Examples:
                  wharf admin project set team --public
                  wharf admin project set team publish_exclude='dev-* *-rc?' publish_newest=10
                  wharf admin project set team --private publish_repository=team.example.org
                """
        )

        @Argument(help: "The project's name.")
        var name: String
        @Argument(help: "Settings of publication.")
        var settings: [String] = []
        @Flag var visibility: Visibility?
        @OptionGroup var options: AccessOptions

        func validate() throws {
            guard visibility != nil || !settings.isEmpty else {
                throw ValidationError("say what to set: --public, --private or KEY=VALUE")
            }
            if let word = settings.first(where: { !$0.contains("=") }) {
                throw ValidationError("'\(word)' is not KEY=VALUE")
            }
        }

        func run() async throws {
            let pairs = settings.map {
                $0.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            }
            let wish = AccessDocument.ProjectWish(
                public: visibility.map { $0 == .public },
                metadata: Dictionary(
                    pairs.map { (String($0[0]), String($0[1])) },
                    uniquingKeysWith: { $1 }
                )
            )
            try await options.client.call("PATCH", ["projects", name], body: wish)
            let changes = (visibility.map { ["\($0)"] } ?? []) + settings
            print("The project \(name) is set: \(changes.joined(separator: ", ")).")
        }
    }

    struct Grant: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "grant",
            abstract: "Give a user a role in a project.",
            discussion: """
                Roles: limited-guest, guest (pull), developer (pull and push), maintainer (and
                delete), project-admin.

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
