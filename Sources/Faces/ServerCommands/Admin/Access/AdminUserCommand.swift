// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Foundation
internal import ManagementHTTP

/// `wharfd admin user`: the accounts of people.
struct AdminUserCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "user",
        abstract: "Make, change and list the accounts of people.",
        discussion: """
            The first account must be an administrator's. It ends the time in which every
            local user may write.

            Example: wharf admin user create alice --admin --data /srv/wharf
            """,
        subcommands: [
            Create.self,
            List.self,
            Password.self,
            Set.self,
            Remove.self,
            Import.self,
        ]
    )

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "create",
            abstract: "Make an account.",
            discussion: "Example: wharf admin user create alice --password-file secret.txt"
        )

        @Argument(help: "The name to log in with.")
        var name: String
        @Flag(help: "Let the account do everything.")
        var admin = false
        @OptionGroup var password: PasswordSource
        @OptionGroup var options: AccessOptions

        func run() async throws {
            let wish = AccessDocument.UserWish(
                name: name,
                password: try password.read(for: name),
                administrator: admin
            )
            try await options.client.call("POST", ["users"], body: wish)
            print("The user \(name) can log in.")
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "ls",
            abstract: "List the accounts.",
            discussion: "Example: wharf admin user ls --json"
        )

        @Flag(help: "Print JSON.")
        var json = false
        @OptionGroup var options: AccessOptions

        func run() async throws {
            let users: [AccessDocument.User] = try await options.client.call("GET", ["users"])
            if json { return try JSONOutput.write(users) }
            var table = TextTable(["NAME", "KIND", "CREATED", "PROJECTS"])
            for user in users {
                let kind = user.disabled ? "disabled" : user.administrator ? "administrator" : "user"
                table.add([
                    user.name, kind, TextTable.day(user.created), user.projects.joined(separator: " "),
                ])
            }
            StandardStream.output.write(table.text)
        }
    }

    struct Password: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "passwd",
            abstract: "Give an account a new password, and end what was granted with the old one.",
            discussion: "Example: wharf admin user passwd alice"
        )

        @Argument(help: "The account's name.")
        var name: String
        @OptionGroup var password: PasswordSource
        @OptionGroup var options: AccessOptions

        func run() async throws {
            let wish = AccessDocument.UserWish(password: try password.read(for: name))
            try await options.client.call("PATCH", ["users", name], body: wish)
            print("The user \(name) has a new password.")
        }
    }

    struct Set: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "set",
            abstract: "Make an account an administrator's or not, or stop it for a while.",
            discussion: "Example: wharf admin user set alice --disable-login"
        )

        @Argument(help: "The account's name.")
        var name: String
        @Flag(inversion: .prefixedNo, help: "Let the account do everything, or not any more.")
        var admin: Bool?
        @Flag(inversion: .prefixedEnableDisable, help: "Let the account log in, or not.")
        var login: Bool?
        @OptionGroup var options: AccessOptions

        func validate() throws {
            guard admin != nil || login != nil else {
                throw ValidationError(
                    "say what to change: --admin, --no-admin, --enable-login or --disable-login"
                )
            }
        }

        func run() async throws {
            let wish = AccessDocument.UserWish(administrator: admin, disabled: login.map { !$0 })
            try await options.client.call("PATCH", ["users", name], body: wish)
            print("The user \(name) is changed.")
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "rm",
            abstract: "Remove an account.",
            discussion: "Example: wharf admin user rm alice"
        )

        @Argument(help: "The account's name.")
        var name: String
        @OptionGroup var options: AccessOptions

        func run() async throws {
            try await options.client.call("DELETE", ["users", name])
            print("The user \(name) is removed.")
        }
    }

    struct Import: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "import",
            abstract: "Make accounts from an htpasswd file with bcrypt hashes.",
            discussion: """
                Passwords stay what they are. An account that is there gets the file's password.

                Example: wharf admin user import /etc/docker-registry/htpasswd
                """
        )

        @Argument(help: "The htpasswd file.")
        var file: String
        @OptionGroup var options: AccessOptions

        func run() async throws {
            guard let text = try? String(contentsOfFile: file, encoding: .utf8) else {
                throw AdminProblem(.noData, "cannot read \(file)")
            }
            let answer: AccessDocument.Count = try await options.client.call(
                "POST",
                ["users", "import"],
                body: AccessDocument.Htpasswd(text: text)
            )
            print("\(answer.count) users can log in.")
        }
    }
}
