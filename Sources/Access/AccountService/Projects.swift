// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

package import AccessControl
package import MetadataStore

/// Projects and their members: making, changing and removing them.
package struct Projects: Sendable {
    private let stores: AccessStores

    /// Works on these stores.
    package init(_ stores: AccessStores) { self.stores = stores }

    /// A project with what is in it.
    package struct Listed: Sendable {
        package var project: ProjectRecord
        package var repositoryCount: Int
        package var members: [MemberRecord]
    }

    /// Makes a project.
    ///
    /// - Throws: `exists`.
    package func create(_ name: ProjectName, isPublic: Bool, by actor: AuditActor) async throws {
        try await stores.change { transaction, now in
            guard try transaction.project(named: name) == nil else {
                throw AccountProblem(.exists, "there is a project '\(name)' already")
            }
            _ = try transaction.createProject(name, isPublic: isPublic, at: now)
            let detail = isPublic ? "public" : "private"
            try transaction.audit("project.create", "project \(name)", detail, by: actor, at: now)
        }
    }

    /// Opens a project to everybody or closes it; its images appear in the published tree or leave it.
    ///
    /// - Throws: `unknown`.
    package func setPublic(_ isPublic: Bool, of name: ProjectName, by actor: AuditActor) async throws {
        try await stores.change { transaction, now in
            let project = try Self.known(name, transaction)
            guard project.isPublic != isPublic else { return }
            try transaction.setPublic(isPublic, of: project)
            try transaction.republish(name, at: now)
            let detail = isPublic ? "public" : "private"
            try transaction.audit("project.change", "project \(name)", detail, by: actor, at: now)
        }
    }

    /// Removes a project that has no repositories.
    ///
    /// - Throws: `unknown`, `projectNotEmpty`.
    package func delete(_ name: ProjectName, by actor: AuditActor) async throws {
        try await stores.change { transaction, now in
            _ = try Self.known(name, transaction)
            let count = try transaction.repositoryCount(in: name)
            guard count == 0 else {
                throw AccountProblem(.projectNotEmpty, "the project '\(name)' has \(count) repositories")
            }
            _ = try transaction.deleteProject(name)
            try transaction.audit("project.delete", "project \(name)", "", by: actor, at: now)
        }
    }

    /// All projects in the order of their names.
    package func list() async throws -> [Listed] {
        try await stores.metadata.read { transaction in
            try transaction.projects(after: nil, limit: .max).map { project in
                Listed(
                    project: project,
                    repositoryCount: try transaction.repositoryCount(in: project.name),
                    members: try transaction.members(of: project)
                )
            }
        }
    }

    /// Gives an account a role in a project, or with `nil` takes it.
    ///
    /// - Throws: `unknown`.
    package func setRole(
        _ role: ProjectRole?,
        of accountName: String,
        in name: ProjectName,
        by actor: AuditActor
    ) async throws {
        try await stores.change { transaction, now in
            let project = try Self.known(name, transaction)
            guard let account = try transaction.account(named: accountName) else {
                throw AccountProblem(.unknown, "there is no user '\(accountName)'")
            }
            try transaction.setRole(role, of: account.id, in: project)
            let detail = "\(accountName) " + (role?.name ?? "removed")
            try transaction.audit("project.member", "project \(name)", detail, by: actor, at: now)
        }
    }

    private static func known(_ name: ProjectName, _ transaction: any MetadataTransaction) throws
        -> ProjectRecord
    {
        guard let project = try transaction.project(named: name) else {
            throw AccountProblem(.unknown, "there is no project '\(name)'")
        }
        return project
    }
}
