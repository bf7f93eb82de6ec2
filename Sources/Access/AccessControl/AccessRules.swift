// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

/// What decides on a principal's rights in one project.
package struct ProjectStanding: Hashable, Sendable {
    /// Whether there is such a project.
    package var exists: Bool
    package var isPublic: Bool
    /// The role of an account; `nil` for others and for those who are no members.
    package var role: ProjectRole?
    /// The grants of a robot, of whatever project; empty for others.
    package var grants: [RobotGrant]

    /// Joins what is known.
    package init(exists: Bool, isPublic: Bool, role: ProjectRole? = nil, grants: [RobotGrant] = []) {
        self.exists = exists
        self.isPublic = isPublic
        self.role = role
        self.grants = grants
    }

    /// A project that does not exist, in which nobody may do anything.
    package static let unknown = ProjectStanding(exists: false, isPublic: false)
}

/// The decision who may do what; deny by default.
package enum AccessRules {
    /// Everything that a principal may do in a project.
    package static func permissions(
        of principal: Principal,
        in project: ProjectName,
        _ standing: ProjectStanding
    ) -> Set<Permission> {
        guard standing.exists else { return [] }
        if principal.isAdministrator { return PermissionTable.all }
        var permissions: Set<Permission> = []
        if standing.isPublic { permissions.formUnion(PermissionTable.ofEveryoneInPublicProjects) }
        switch principal {
        case .anonymous, .localOperator: break
        case .user:
            if let role = standing.role { permissions.formUnion(PermissionTable.permissions(of: role)) }
        case .robot:
            for grant in standing.grants where grant.covers(project) { permissions.insert(grant.permission) }
        }
        return permissions
    }

    /// Everything that a principal may do on the system as a whole.
    package static func systemPermissions(of principal: Principal, grants: [RobotGrant]) -> Set<Permission> {
        if principal.isAdministrator { return PermissionTable.system }
        return Set(grants.filter { $0.realm == .system }.map(\.permission))
    }
}
