// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

package import AccessControl
internal import IdentityProviders
package import MetadataStore

/// Accounts of programs: making, changing and removing them.
package struct Robots: Sendable {
    private let stores: AccessStores
    private let prefix: String

    /// Works on these stores; the names of robots begin with `prefix`.
    package init(_ stores: AccessStores, prefix: String) {
        self.stores = stores
        self.prefix = prefix
    }

    /// A robot to be made.
    package struct Wish: Sendable {
        /// Without prefix and project.
        package var name: String
        /// `nil` for a robot of the system, which may work in several projects.
        package var project: ProjectName?
        package var summary: String
        /// `nil` for one that never expires.
        package var lifetime: Duration?
        package var grants: [RobotGrant]

        /// Joins the wishes.
        package init(
            name: String,
            project: ProjectName?,
            summary: String,
            lifetime: Duration?,
            grants: [RobotGrant]
        ) {
            self.name = name
            self.project = project
            self.summary = summary
            self.lifetime = lifetime
            self.grants = grants
        }
    }

    /// The name to log in with, and the secret, which is not to be seen again.
    package struct Credentials: Sendable {
        package var name: String
        package var secret: String
        package var expires: Timestamp?
    }

    /// Makes a robot.
    ///
    /// - Throws: `exists`, `unknown` for its project, `invalid` for a name or grants that do not fit.
    package func create(_ wish: Wish, by actor: AuditActor) async throws -> Credentials {
        if let fault = AccountRules.fault(ofRobotName: wish.name) { throw AccountProblem(.invalid, fault) }
        try Self.check(wish)
        let name = prefix + (wish.project.map { "\($0)+" } ?? "") + wish.name
        let secret = RobotSecret.make()
        let expires = try await stores.change { transaction, now in
            guard try transaction.robot(named: name) == nil, try transaction.account(named: name) == nil
            else {
                throw AccountProblem(.exists, "there is a user or robot '\(name)' already")
            }
            if let project = wish.project, try transaction.project(named: project) == nil {
                throw AccountProblem(.unknown, "there is no project '\(project)'")
            }
            let robot = RobotRecord(
                id: 0,
                name: name,
                project: wish.project,
                secretHash: RobotSecret.hash(secret),
                summary: wish.summary,
                expires: wish.lifetime.map { now.adding($0) },
                isDisabled: false,
                credentialVersion: 1,
                created: now,
                grants: wish.grants
            )
            _ = try transaction.createRobot(robot)
            let detail = wish.grants.map { "\($0.realm.description) \($0.permission)" }.joined(
                separator: ", "
            )
            try transaction.audit("robot.create", "robot \(name)", detail, by: actor, at: now)
            return robot.expires
        }
        return Credentials(name: name, secret: secret, expires: expires)
    }

    /// Gives a robot a new secret; the old one and the tokens that it got end at once.
    ///
    /// - Throws: `unknown`.
    package func renewSecret(of name: String, by actor: AuditActor) async throws -> Credentials {
        let secret = RobotSecret.make()
        let expires = try await change(name, "secret", by: actor) { $0.secretHash = RobotSecret.hash(secret) }
        return Credentials(name: name, secret: secret, expires: expires)
    }

    /// Stops a robot, or lets it work again.
    ///
    /// - Throws: `unknown`.
    package func setDisabled(_ isDisabled: Bool, of name: String, by actor: AuditActor) async throws {
        _ = try await change(name, "disabled \(isDisabled)", by: actor) { $0.isDisabled = isDisabled }
    }

    /// Removes a robot.
    ///
    /// - Throws: `unknown`.
    package func delete(_ name: String, by actor: AuditActor) async throws {
        try await stores.change { transaction, now in
            _ = try transaction.deleteRobot(try Self.known(name, transaction).id)
            try transaction.audit("robot.delete", "robot \(name)", "", by: actor, at: now)
        }
    }

    /// The robots of a project, or those of the system, in the order of their names.
    package func list(of project: ProjectName?) async throws -> [RobotRecord] {
        try await stores.metadata.read { try $0.robots(of: project) }
    }

    private func change(
        _ name: String,
        _ what: String,
        by actor: AuditActor,
        _ body: @escaping @Sendable (inout RobotRecord) -> Void
    ) async throws -> Timestamp? {
        try await stores.change { transaction, now in
            var robot = try Self.known(name, transaction)
            body(&robot)
            try transaction.updateRobot(robot)
            try transaction.audit("robot.change", "robot \(name)", what, by: actor, at: now)
            return robot.expires
        }
    }

    private static func known(_ name: String, _ transaction: any MetadataTransaction) throws -> RobotRecord {
        guard let robot = try transaction.robot(named: name) else {
            throw AccountProblem(.unknown, "there is no robot '\(name)'")
        }
        return robot
    }

    /// A robot of a project stays within it, and what is granted must exist where it is granted.
    private static func check(_ wish: Wish) throws(AccountProblem) {
        guard !wish.grants.isEmpty else { throw AccountProblem(.invalid, "a robot needs a permission") }
        if let lifetime = wish.lifetime, lifetime <= .zero {
            throw AccountProblem(.invalid, "a robot lives longer than no time")
        }
        for grant in wish.grants {
            if let project = wish.project, grant.realm != .project(project) {
                throw AccountProblem(
                    .invalid,
                    "a robot of the project '\(project)' gets permissions in that project only",
                    remedy: "make a robot of the system"
                )
            }
            let known = grant.realm == .system ? PermissionTable.system : PermissionTable.all
            guard known.contains(grant.permission) else {
                throw AccountProblem(.invalid, "nobody can be granted '\(grant.permission)' there")
            }
        }
    }
}
