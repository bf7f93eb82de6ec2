// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

package import AccessControl
package import MetadataStore
package import PublicationRules

/// Projects and their members: making, changing and removing them.
package struct Projects: Sendable {
    private let stores: AccessStores

    /// Works on these stores.
    package init(_ stores: AccessStores) { self.stores = stores }

    /// A project with what is in it.
    package struct Listed: Sendable {
        package var project: ProjectRecord
        package var rules: PublicationRules
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

    /// What of a project is to change; what is absent stays.
    package struct Change: Sendable {
        package var isPublic: Bool?
        /// Settings of publication by key, as `PublicationRules` reads them; empty values are defaults.
        package var settings: [String: String]

        /// Joins the two.
        package init(isPublic: Bool? = nil, settings: [String: String] = [:]) {
            self.isPublic = isPublic
            self.settings = settings
        }
    }

    /// Opens a project to everybody or closes it, or changes what of it is published; its images appear in the published
    /// trees or leave them.
    ///
    /// - Throws: `unknown`; `invalid` for a setting that is not understood; `repositoryTaken`.
    package func change(_ name: ProjectName, _ change: Change, by actor: AuditActor) async throws {
        try await stores.change { transaction, now in
            var project = try Self.known(name, transaction)
            let old = (isPublic: project.isPublic, rules: try transaction.publicationRules(of: project))
            let rules = try Self.changed(old.rules, change.settings)
            project.isPublic = change.isPublic ?? old.isPublic
            guard project.isPublic != old.isPublic || rules != old.rules else { return }
            try Self.claim(
                rules.repository,
                for: project,
                isNew: rules.repository != old.rules.repository,
                transaction
            )
            try transaction.setPublic(project.isPublic, of: project)
            try transaction.setPublicationRules(rules, of: project)
            try transaction.republish(name, at: now)
            var detail = change.settings.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
            if project.isPublic != old.isPublic { detail.append(project.isPublic ? "public" : "private") }
            let text = detail.joined(separator: " ")
            try transaction.audit("project.change", "project \(name)", text, by: actor, at: now)
        }
    }

    /// Opens a project to everybody or closes it.
    package func setPublic(_ isPublic: Bool, of name: ProjectName, by actor: AuditActor) async throws {
        try await change(name, Change(isPublic: isPublic), by: actor)
    }

    private static func changed(_ rules: PublicationRules, _ settings: [String: String]) throws
        -> PublicationRules
    {
        var rules = rules
        for (key, value) in settings.sorted(by: { $0.key < $1.key }) {
            do {
                try rules.set(key, to: value)
            } catch {
                throw AccountProblem(.invalid, "'\(error.key)' \(error.expectation)")
            }
        }
        return rules
    }

    /// Takes the repository that a private project names for that project, before anything is in it.
    ///
    /// A project that is closed while it publishes into a repository that others can read is closed nevertheless; then
    /// nothing of it is published.
    private static func claim(
        _ repository: String?,
        for project: ProjectRecord,
        isNew: Bool,
        _ transaction: any MetadataTransaction
    ) throws {
        guard let repository else { return }
        if let owner = try transaction.owner(ofPublished: repository) {
            guard owner != project.name, isNew else { return }
            // In the same words as for one that everybody may read: who asks need not know of it.
            throw AccountProblem.taken(repository)
        }
        guard !project.isPublic else { return }
        guard try !transaction.hasPublished(repository) else {
            guard isNew else { return }
            throw AccountProblem.taken(repository)
        }
        try transaction.reserve(published: repository, for: project.name)
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
                    rules: try transaction.publicationRules(of: project),
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
