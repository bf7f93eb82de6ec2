// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import AccessControl
package import AccountService
internal import Foundation
package import IdentityProviders
package import MetadataStore
internal import Problems

/// The calls about users, projects, robots, tokens and records of changes, whatever carries them: HTTP, or a command that
/// has the data directory to itself.
///
/// ```
/// GET POST /users            PATCH DELETE /users/<name>           POST /users/import
/// GET POST /projects         PATCH DELETE /projects/<name>        PUT /projects/<name>/members
/// GET POST /robots           PATCH DELETE /robots/<name>          POST /robots/<name>/secret
/// GET /audit                 POST /token-keys
/// ```
package struct AccessCalls: Sendable {
    /// A call without its carrier.
    package struct Call: Sendable {
        package var method: String
        /// The decoded segments of the path below the calls' own.
        package var path: [String]
        package var query: [String: String]
        package var body: [UInt8]
        package var actor: AuditActor

        /// Joins the parts.
        package init(
            method: String,
            path: [String],
            query: [String: String] = [:],
            body: [UInt8] = [],
            actor: AuditActor
        ) {
            self.method = method
            self.path = path
            self.query = query
            self.body = body
            self.actor = actor
        }
    }

    private let accounts: Accounts
    private let projects: Projects
    private let robots: Robots
    private let metadata: any MetadataStore
    private let tokens: TokenAuthority
    private let now: @Sendable () -> Timestamp

    /// Makes the calls ready; robots get names that begin with `robotPrefix`.
    package init(_ stores: AccessStores, tokens: TokenAuthority, robotPrefix: String) {
        accounts = Accounts(stores)
        projects = Projects(stores)
        robots = Robots(stores, prefix: robotPrefix)
        metadata = stores.metadata
        now = stores.now
        self.tokens = tokens
    }

    /// Answers a call with JSON.
    ///
    /// - Throws: `AccountProblem`, `AccessCallProblem`, and what the database throws.
    package func answer(_ call: Call) async throws -> [UInt8] {
        switch call.path.first {
        case "users": try await users(call)
        case "projects": try await projects(call)
        case "robots": try await robots(call)
        case "audit" where call.method == "GET": try await audit(call)
        case "token-keys" where call.method == "POST": try await rotate(call)
        default: throw AccessCallProblem(.noSuchCall, "there is no such call")
        }
    }

    private func users(_ call: Call) async throws -> [UInt8] {
        switch (call.method, call.path.count) {
        case ("GET", 1): return try Self.json(try await accounts.list().map { AccessDocument.User($0) })
        case ("POST", 1):
            let wish = try Self.document(AccessDocument.UserWish.self, call)
            try await accounts.create(
                try Self.need(wish.name, "name"),
                password: try Self.need(wish.password, "password"),
                isAdministrator: wish.administrator ?? false,
                by: call.actor
            )
        case ("POST", 2) where call.path[1] == "import":
            let text = try Self.document(AccessDocument.Htpasswd.self, call).text
            let count = try await accounts.importHtpasswd(text, by: call.actor)
            return try Self.json(AccessDocument.Count(count: count))
        case ("PATCH", 2):
            let wish = try Self.document(AccessDocument.UserWish.self, call)
            let change = Accounts.Change(
                password: wish.password,
                isAdministrator: wish.administrator,
                isDisabled: wish.disabled
            )
            try await accounts.change(call.path[1], change, by: call.actor)
        case ("DELETE", 2): try await accounts.delete(call.path[1], by: call.actor)
        default: throw AccessCallProblem(.noSuchCall, "there is no such call")
        }
        return try Self.json(AccessDocument.Done())
    }

    private func projects(_ call: Call) async throws -> [UInt8] {
        switch (call.method, call.path.count) {
        case ("GET", 1): return try Self.json(try await projects.list().map { AccessDocument.Project($0) })
        case ("POST", 1):
            let wish = try Self.document(AccessDocument.ProjectWish.self, call)
            let name = try Self.project(try Self.need(wish.name, "name"))
            try await projects.create(name, isPublic: wish.public ?? false, by: call.actor)
        case ("PATCH", 2):
            let wish = try Self.document(AccessDocument.ProjectWish.self, call)
            let change = Projects.Change(isPublic: wish.public, settings: wish.metadata ?? [:])
            try await projects.change(try Self.project(call.path[1]), change, by: call.actor)
        case ("DELETE", 2): try await projects.delete(try Self.project(call.path[1]), by: call.actor)
        case ("PUT", 3) where call.path[2] == "members":
            let member = try Self.document(AccessDocument.Member.self, call)
            try await projects.setRole(
                try member.role.map { try Self.role($0) },
                of: member.user,
                in: try Self.project(call.path[1]),
                by: call.actor
            )
        default: throw AccessCallProblem(.noSuchCall, "there is no such call")
        }
        return try Self.json(AccessDocument.Done())
    }

    private func robots(_ call: Call) async throws -> [UInt8] {
        switch (call.method, call.path.count) {
        case ("GET", 1):
            let project = try call.query["project"].map { try Self.project($0) }
            return try Self.json(try await robots.list(of: project).map { AccessDocument.Robot($0) })
        case ("POST", 1):
            let wish = try Robots.Wish(Self.document(AccessDocument.RobotWish.self, call))
            let credentials = try await robots.create(wish, by: call.actor)
            return try Self.json(AccessDocument.RobotCredentials(credentials))
        case ("POST", 3) where call.path[2] == "secret":
            let credentials = try await robots.renewSecret(of: call.path[1], by: call.actor)
            return try Self.json(AccessDocument.RobotCredentials(credentials))
        case ("PATCH", 2):
            let wish = try Self.document(AccessDocument.RobotWish.self, call)
            let isDisabled = try Self.need(wish.disabled, "disabled")
            try await robots.setDisabled(isDisabled, of: call.path[1], by: call.actor)
        case ("DELETE", 2): try await robots.delete(call.path[1], by: call.actor)
        default: throw AccessCallProblem(.noSuchCall, "there is no such call")
        }
        return try Self.json(AccessDocument.Done())
    }

    private func audit(_ call: Call) async throws -> [UInt8] {
        let before = call.query["before"].flatMap { Int64($0) }
        let limit = min(max(call.query["limit"].flatMap { Int($0) } ?? 100, 1), 1_000)
        let records = try await metadata.read { try $0.auditRecords(before: before, limit: limit) }
        return try Self.json(records.map { AccessDocument.Audit($0) })
    }

    private func rotate(_ call: Call) async throws -> [UInt8] {
        let isRevoking = call.query["revoke"] == "true"
        try await tokens.rotate(revoking: isRevoking)
        let (detail, moment) = (isRevoking ? "revoking" : "", now())
        try await metadata.write { [actor = call.actor] transaction in
            try transaction.audit("token-key.rotate", "token keys", detail, by: actor, at: moment)
        }
        return try Self.json(AccessDocument.Done())
    }
}
