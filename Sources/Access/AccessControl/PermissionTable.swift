// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

/// Who may do what in a project: the one table, which `docs/access.md` repeats for people.
///
/// Letters: C create, R read, U update, D delete, L list, S stop, O operate.
/// - Source: the role table of Harbor 2.16.
package enum PermissionTable {
    private static let rows:
        [(resource: Permission.Resource, byRole: [ProjectRole: String], everyone: String)] = [
            row(.project, admin: "R U D", "R", "R", "R", "R", everyone: "R"),
            row(.member, admin: "C R U D L", "R L", "R L", "R L", ""),
            row(.metadata, admin: "C R U D", "R", "", "", ""),
            row(.log, admin: "L", "", "", "", ""),
            row(
                .repository,
                admin: "C R U D L pull push",
                "C R U D L pull push",
                "C R U L pull push",
                "R L pull",
                "R L pull",
                everyone: "L pull"
            ),
            row(.artifact, admin: "C R D L", "C R D L", "C R L", "R L", "R L", everyone: "R L"),
            row(.tag, admin: "C D L", "C D L", "C L", "L", "L", everyone: "L"),
            row(.accessory, admin: "L", "L", "L", "L", "L", everyone: "L"),
            row(.artifactAddition, admin: "R", "R", "R", "R", "R", everyone: "R"),
            row(.artifactLabel, admin: "C D", "C D", "C D", "", ""),
            row(.label, admin: "C R U D L", "C R U D L", "R L", "R L", "", everyone: "R L"),
            row(.tagRetention, admin: "C R U D L O", "C R U D L O", "C R U D L O", "", ""),
            row(.immutableTag, admin: "C U D L", "C U D L", "", "", ""),
            row(.robot, admin: "C R U D L", "R L", "R L", "R L", ""),
            row(.webhookPolicy, admin: "C R U D L", "R L", "", "", ""),
            row(.scan, admin: "C R S", "C R S", "R", "R", "R", everyone: "R"),
            row(.sbom, admin: "C R S", "C R S", "R", "R", "R"),
            row(.scanner, admin: "C R", "R", "R", "R", "R", everyone: "R"),
            row(.quota, admin: "R", "R", "R", "R", "R"),
            row(.configuration, admin: "R U", "R", "R", "R", "R"),
            row(.preheatPolicy, admin: "C R U D L", "", "", "", ""),
            row(.exportCVE, admin: "C R L", "C R L", "C R L", "", ""),
        ]

    /// What a member with a role may do.
    package static func permissions(of role: ProjectRole) -> Set<Permission> { byRole[role] ?? [] }

    /// What everybody may do in a public project, logged in or not.
    package static let ofEveryoneInPublicProjects = Set(
        rows.flatMap { row in permissions(row.resource, row.everyone) }
    )

    /// The kinds of thing of which a project has some, in the table's order.
    package static let resources = rows.map(\.resource)

    /// Everything that can be done in a project, which an administrator of the system may do.
    package static let all = Set(ProjectRole.allCases.flatMap { permissions(of: $0) })

    /// Everything that can be done on the system as a whole, which is for administrators and for robots with a grant.
    package static let system: Set<Permission> = [
        Permission(.catalog, .read), Permission(.auditLog, .list), Permission(.project, .list),
        Permission(.project, .create), Permission(.user, .create), Permission(.user, .read),
        Permission(.user, .update), Permission(.user, .delete), Permission(.user, .list),
        Permission(.robot, .create), Permission(.robot, .read), Permission(.robot, .delete),
        Permission(.robot, .list),
    ]

    /// The cell of the table for people, such as `R L pull`; empty for nothing.
    package static func cell(_ resource: Permission.Resource, _ role: ProjectRole?) -> String {
        guard let row = rows.first(where: { $0.resource == resource }) else { return "" }
        return role.map { row.byRole[$0] ?? "" } ?? row.everyone
    }

    private static let byRole: [ProjectRole: Set<Permission>] = Dictionary(
        uniqueKeysWithValues: ProjectRole.allCases.map { role in
            (role, Set(rows.flatMap { permissions($0.resource, $0.byRole[role] ?? "") }))
        }
    )

    private static func row(
        _ resource: Permission.Resource,
        admin: String,
        _ maintainer: String,
        _ developer: String,
        _ guest: String,
        _ limitedGuest: String,
        everyone: String = ""
    ) -> (resource: Permission.Resource, byRole: [ProjectRole: String], everyone: String) {
        let cells: [ProjectRole: String] = [
            .projectAdmin: admin, .maintainer: maintainer, .developer: developer, .guest: guest,
            .limitedGuest: limitedGuest,
        ]
        return (resource, cells, everyone)
    }

    private static func permissions(_ resource: Permission.Resource, _ cell: String) -> [Permission] {
        cell.split(separator: " ").compactMap { word in
            Permission.Action.allCases.first {
                $0.rawValue == word || $0.letter.map(String.init) == String(word)
            }
            .map { Permission(resource, $0) }
        }
    }
}
