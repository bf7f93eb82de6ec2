// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

/// What a member may do in a project.
///
/// The raw values are those of Harbor's management API (`role_id`).
package enum ProjectRole: Int, CaseIterable, Sendable {
    case projectAdmin = 1
    case developer = 2
    case guest = 3
    case maintainer = 4
    case limitedGuest = 5

    /// The name in commands and answers, as Harbor spells it.
    package var name: String {
        switch self {
        case .projectAdmin: "projectAdmin"
        case .developer: "developer"
        case .guest: "guest"
        case .maintainer: "maintainer"
        case .limitedGuest: "limitedGuest"
        }
    }

    /// The role of a name, in any mixture of cases and with dashes: `project-admin` is `projectAdmin`.
    package init?(name: String) {
        let wanted = name.lowercased().filter { $0 != "-" && $0 != "_" }
        guard let role = Self.allCases.first(where: { $0.name.lowercased() == wanted }) else { return nil }
        self = role
    }
}
