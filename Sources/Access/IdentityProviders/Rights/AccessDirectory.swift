// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

package import AccessControl
package import MetadataStore
internal import Synchronization

/// Who somebody is and what they may do, from the database, remembered until something about access changes.
///
/// Every decision is made on the present state: a role that is taken away, a project that is closed or an account that is
/// disabled counts from the next request on, whatever tokens are about. Where several servers share a database, it
/// counts on the others after `lifetime`.
package final class AccessDirectory: Sendable {
    private struct Right: Hashable {
        var principal: Principal
        var project: ProjectName
    }

    private struct State {
        /// `nil` if it must be asked; once `true` it stays.
        var hasAccounts: Bool?
        var principals: [PrincipalReference: (Principal, expires: Timestamp?)] = [:]
        var permissions: [Right: Set<Permission>] = [:]
        var actions: [Right: RepositoryActions] = [:]
        var generation: UInt64 = 0
        var made = ContinuousClock.now
    }

    /// How long a remembered answer counts without being told of a change.
    package static let lifetime = Duration.seconds(5)
    private static let limit = 50_000

    private let metadata: any MetadataStore
    private let now: @Sendable () -> Timestamp
    private let state = Mutex(State())

    /// Reads from a database.
    package init(metadata: any MetadataStore, now: @escaping @Sendable () -> Timestamp) {
        self.metadata = metadata
        self.now = now
    }

    /// To be called after every change of accounts, projects, members or robots.
    package func forget() {
        state.withLock { state in
            let generation = state.generation + 1
            let hasAccounts = state.hasAccounts == true ? true : nil
            state = State()
            state.generation = generation
            state.hasAccounts = hasAccounts
        }
    }

    /// Whether there are no accounts, so that everything is open to programs on this machine.
    ///
    /// Once there is an account there always is one: the last administrator cannot be removed.
    package func isOpen() async throws -> Bool {
        let (known, generation) = fresh { ($0.hasAccounts, $0.generation) }
        if let known { return !known }
        let hasAccounts = try await metadata.read { try $0.hasAccounts() }
        remember(generation) { $0.hasAccounts = hasAccounts }
        return !hasAccounts
    }

    /// The principal that a reference names; `nil` if it is gone, disabled, expired, or has new credentials.
    package func principal(_ reference: PrincipalReference) async throws -> Principal? {
        if case .anonymous = reference { return .anonymous }
        let (known, generation) = fresh { ($0.principals[reference], $0.generation) }
        if let known { return known.expires.map { now() < $0 } ?? true ? known.0 : nil }
        guard let found = try await load(reference) else { return nil }
        remember(generation) { $0.principals[reference] = found }
        return found.0
    }

    /// Everything that a principal may do in a project.
    package func permissions(of principal: Principal, in project: ProjectName) async throws -> Set<Permission>
    {
        let right = Right(principal: principal, project: project)
        let (known, generation) = fresh { ($0.permissions[right], $0.generation) }
        if let known { return known }
        let standing = try await standing(of: principal, in: project)
        let found = AccessRules.permissions(of: principal, in: project, standing)
        remember(generation) { $0.permissions[right] = found }
        return found
    }

    /// What a principal may do with the repositories of a project through the registry's protocol.
    package func actions(of principal: Principal, in project: ProjectName) async throws -> RepositoryActions {
        let right = Right(principal: principal, project: project)
        let (known, generation) = fresh { ($0.actions[right], $0.generation) }
        if let known { return known }
        let found = RepositoryActions(allowedBy: try await permissions(of: principal, in: project))
        remember(generation) { $0.actions[right] = found }
        return found
    }

    // MARK: Reading

    private func load(_ reference: PrincipalReference) async throws
        -> (Principal, expires: Timestamp?)?
    {
        let moment = now()
        return try await metadata.read { transaction in
            switch reference {
            case .anonymous: return (.anonymous, nil)
            case .user(let id, let version):
                guard let account = try transaction.account(id), !account.isDisabled,
                    account.credentialVersion == version
                else { return nil }
                return (
                    .user(id: id, name: account.name, isAdministrator: account.isAdministrator), nil
                )
            case .robot(let id, let version):
                guard let robot = try transaction.robot(id), robot.isValid(at: moment),
                    robot.credentialVersion == version
                else { return nil }
                return (.robot(id: id, name: robot.name), robot.expires)
            }
        }
    }

    private func standing(of principal: Principal, in project: ProjectName) async throws -> ProjectStanding {
        try await metadata.read { transaction in
            guard let record = try transaction.project(named: project) else { return .unknown }
            var standing = ProjectStanding(exists: true, isPublic: record.isPublic)
            switch principal {
            case .user(let id, _, _): standing.role = try transaction.role(of: id, in: record)
            case .robot(let id, _): standing.grants = try transaction.robot(id)?.grants ?? []
            case .anonymous, .localOperator: break
            }
            return standing
        }
    }

    // MARK: Remembering

    private func fresh<Value>(_ body: (State) -> Value) -> Value {
        state.withLock { state in
            if ContinuousClock.now - state.made > Self.lifetime {
                state.principals.removeAll(keepingCapacity: true)
                state.permissions.removeAll(keepingCapacity: true)
                state.actions.removeAll(keepingCapacity: true)
                if state.hasAccounts == false { state.hasAccounts = nil }
                state.made = .now
            }
            return body(state)
        }
    }

    /// Keeps what was read, unless something has changed meanwhile.
    private func remember(_ generation: UInt64, _ body: (inout State) -> Void) {
        state.withLock { state in
            guard state.generation == generation else { return }
            if state.principals.count + state.permissions.count + state.actions.count > Self.limit {
                state.principals.removeAll()
                state.permissions.removeAll()
                state.actions.removeAll()
            }
            body(&state)
        }
    }
}
