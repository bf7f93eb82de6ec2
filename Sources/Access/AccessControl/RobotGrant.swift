// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

/// What a robot account may do: single permissions, in one project, in all, or on the system.
package struct RobotGrant: Hashable, Sendable {
    /// Where a permission holds.
    package enum Realm: Hashable, Sendable, LosslessStringConvertible {
        case project(ProjectName)
        case everyProject
        case system

        /// Reads a project's name, `*` for every project, or `/` for the system; else `nil`.
        package init?(_ text: String) {
            switch text {
            case "*": self = .everyProject
            case "/": self = .system
            default:
                guard let project = ProjectName(text) else { return nil }
                self = .project(project)
            }
        }

        package var description: String {
            switch self {
            case .project(let project): project.description
            case .everyProject: "*"
            case .system: "/"
            }
        }
    }

    package let realm: Realm
    package let permission: Permission

    /// Joins the two.
    package init(_ realm: Realm, _ permission: Permission) {
        self.realm = realm
        self.permission = permission
    }

    /// Whether the grant holds in a project.
    package func covers(_ project: ProjectName) -> Bool {
        switch realm {
        case .project(let name): name == project
        case .everyProject: true
        case .system: false
        }
    }
}
