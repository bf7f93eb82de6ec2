// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

/// The documents of the calls about access, as they stand in requests and answers.
package enum AccessDocument {
    /// A person's account.
    package struct User: Codable, Sendable {
        package var name: String
        package var administrator: Bool
        package var disabled: Bool
        /// When it was made, in milliseconds since 1970.
        package var created: Int64
        package var projects: [String]
    }

    /// An account to be made or changed; what is absent stays.
    package struct UserWish: Codable, Sendable {
        package var name: String?
        package var password: String?
        package var administrator: Bool?
        package var disabled: Bool?

        package init(
            name: String? = nil,
            password: String? = nil,
            administrator: Bool? = nil,
            disabled: Bool? = nil
        ) {
            self.name = name
            self.password = password
            self.administrator = administrator
            self.disabled = disabled
        }
    }

    /// The content of an htpasswd file.
    package struct Htpasswd: Codable, Sendable {
        package var text: String

        package init(text: String) { self.text = text }
    }

    /// A project.
    package struct Project: Codable, Sendable {
        package var name: String
        package var `public`: Bool
        package var created: Int64
        package var repositories: Int
        package var members: [Member]
        /// The settings that are not at their defaults, as strings, which is how Harbor has them.
        package var metadata: [String: String]
    }

    /// A member of a project; without a role, one who shall be none any more.
    package struct Member: Codable, Sendable {
        package var user: String
        package var role: String?

        package init(user: String, role: String?) {
            self.user = user
            self.role = role
        }
    }

    /// A project to be made or changed; what is absent stays, an empty setting gets its default.
    package struct ProjectWish: Codable, Sendable {
        package var name: String?
        package var `public`: Bool?
        package var metadata: [String: String]?

        package init(
            name: String? = nil,
            public isPublic: Bool? = nil,
            metadata: [String: String]? = nil
        ) {
            self.name = name
            self.public = isPublic
            self.metadata = metadata
        }
    }

    /// A program's account.
    package struct Robot: Codable, Sendable {
        package var name: String
        package var project: String?
        package var summary: String
        /// In milliseconds since 1970; absent for never.
        package var expires: Int64?
        package var disabled: Bool
        package var created: Int64
        package var permissions: [Grant]
    }

    /// A permission and where it holds: a project's name, `*` for all, `/` for the system.
    package struct Grant: Codable, Sendable {
        package var realm: String
        package var permission: String

        package init(realm: String, permission: String) {
            self.realm = realm
            self.permission = permission
        }
    }

    /// A robot to be made or changed.
    package struct RobotWish: Codable, Sendable {
        package var name: String?
        package var project: String?
        package var summary: String?
        package var lifetimeInDays: Int?
        package var permissions: [Grant]?
        package var disabled: Bool?

        package init(
            name: String? = nil,
            project: String? = nil,
            summary: String? = nil,
            lifetimeInDays: Int? = nil,
            permissions: [Grant]? = nil,
            disabled: Bool? = nil
        ) {
            self.name = name
            self.project = project
            self.summary = summary
            self.lifetimeInDays = lifetimeInDays
            self.permissions = permissions
            self.disabled = disabled
        }
    }

    /// What a robot logs in with; the secret is told this once.
    package struct RobotCredentials: Codable, Sendable {
        package var name: String
        package var secret: String
        package var expires: Int64?
    }

    /// A record of a change.
    package struct Audit: Codable, Sendable {
        package var id: Int64
        /// In milliseconds since 1970.
        package var at: Int64
        package var actor: String
        package var address: String
        package var request: String
        package var action: String
        package var subject: String
        package var detail: String
    }

    /// How many things a call has changed.
    package struct Count: Codable, Sendable {
        package var count: Int
    }

    /// The answer of a call that has nothing to say.
    package struct Done: Codable, Sendable {}
}
