// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import AccessControl
internal import IdentityProviders
package import MetadataStore

/// Accounts of people: making, changing and removing them.
package struct Accounts: Sendable {
    private let stores: AccessStores

    /// Works on these stores.
    package init(_ stores: AccessStores) { self.stores = stores }

    /// What shall be different about an account; `nil` leaves it.
    package struct Change: Sendable {
        package var password: String?
        package var isAdministrator: Bool?
        package var isDisabled: Bool?

        /// Joins the wishes.
        package init(password: String? = nil, isAdministrator: Bool? = nil, isDisabled: Bool? = nil) {
            self.password = password
            self.isAdministrator = isAdministrator
            self.isDisabled = isDisabled
        }
    }

    /// An account with the names of its projects.
    package struct Listed: Sendable {
        package var account: AccountRecord
        package var projects: [String]
    }

    /// Makes an account; the first one must be an administrator, and ends the time in which everything was open.
    ///
    /// - Throws: `exists`, `invalid`.
    package func create(
        _ name: String,
        password: String,
        isAdministrator: Bool,
        by actor: AuditActor
    ) async throws {
        if let fault = AccountRules.fault(ofName: name) { throw AccountProblem(.invalid, fault) }
        let hash = try await hash(password, for: name)
        try await stores.change { transaction, now in
            try Self.requireFree(name, transaction)
            guard try isAdministrator || transaction.hasAccounts() else {
                throw AccountProblem(
                    .lastAdministrator,
                    "the first account must be an administrator's",
                    remedy: "add --admin, or make an administrator first"
                )
            }
            _ = try transaction.createAccount(
                AccountRecord(
                    id: 0,
                    name: name,
                    passwordHash: hash,
                    isAdministrator: isAdministrator,
                    isDisabled: false,
                    credentialVersion: 1,
                    created: now
                )
            )
            let detail = isAdministrator ? "administrator" : ""
            try transaction.audit("user.create", "user \(name)", detail, by: actor, at: now)
        }
    }

    /// Makes the configured administrator, unless there is an account already; whether it did.
    package func createFirst(_ name: String, password: String) async throws -> Bool {
        guard try await stores.metadata.read({ try !$0.hasAccounts() }) else { return false }
        try await create(name, password: password, isAdministrator: true, by: .server)
        return true
    }

    /// Changes an account; tokens that it was given before end.
    ///
    /// - Throws: `unknown`, `invalid`, `lastAdministrator`.
    package func change(_ name: String, _ change: Change, by actor: AuditActor) async throws {
        let hash: String? =
            if let password = change.password { try await hash(password, for: name) } else { nil }
        try await stores.change { transaction, now in
            var account = try Self.known(name, transaction)
            if let hash { account.passwordHash = hash }
            account.isAdministrator = change.isAdministrator ?? account.isAdministrator
            account.isDisabled = change.isDisabled ?? account.isDisabled
            try transaction.updateAccount(account)
            try Self.requireAdministrator(transaction)
            let words = [
                hash.map { _ in "password" }, change.isAdministrator.map { "administrator \($0)" },
                change.isDisabled.map { "disabled \($0)" },
            ]
            let detail = words.compactMap { $0 }.joined(separator: ", ")
            try transaction.audit("user.change", "user \(name)", detail, by: actor, at: now)
        }
    }

    /// Removes an account with its memberships.
    ///
    /// - Throws: `unknown`, `lastAdministrator`.
    package func delete(_ name: String, by actor: AuditActor) async throws {
        try await stores.change { transaction, now in
            _ = try transaction.deleteAccount(try Self.known(name, transaction).id)
            try Self.requireAdministrator(transaction)
            try transaction.audit("user.delete", "user \(name)", "", by: actor, at: now)
        }
    }

    /// All accounts in the order of their names.
    package func list() async throws -> [Listed] {
        try await stores.metadata.read { transaction in
            try transaction.accounts(after: nil, limit: .max).map { account in
                Listed(
                    account: account,
                    projects: try transaction.memberships(of: account.id).map(\.description)
                )
            }
        }
    }

    /// Makes or updates accounts from the lines of an htpasswd file, with their bcrypt hashes; none is an administrator.
    ///
    /// Returns how many there were. All lines are taken or none.
    /// - Throws: `invalid` with the number of the line that is wrong; `lastAdministrator` if there is no account yet.
    package func importHtpasswd(_ text: String, by actor: AuditActor) async throws -> Int {
        let entries = try HtpasswdFile.entries(text)
        try await stores.change { transaction, now in
            try Self.requireAdministrator(transaction)
            for entry in entries {
                if var account = try transaction.account(named: entry.name) {
                    account.passwordHash = entry.hash
                    try transaction.updateAccount(account)
                } else {
                    try Self.requireFree(entry.name, transaction)
                    _ = try transaction.createAccount(entry.account(at: now))
                }
                try transaction.audit("user.import", "user \(entry.name)", "htpasswd", by: actor, at: now)
            }
        }
        return entries.count
    }

    // MARK: Rules

    private func hash(_ password: String, for name: String) async throws -> String {
        if let fault = AccountRules.fault(ofPassword: password, for: name) {
            throw AccountProblem(.invalid, fault)
        }
        return try await stores.passwords.run { try PasswordHash(hashing: password).description }
    }

    private static func known(_ name: String, _ transaction: any MetadataTransaction) throws -> AccountRecord
    {
        guard let account = try transaction.account(named: name) else {
            throw AccountProblem(.unknown, "there is no user '\(name)'")
        }
        return account
    }

    /// Accounts and robots log in by the same names.
    private static func requireFree(_ name: String, _ transaction: any MetadataTransaction) throws {
        guard try transaction.account(named: name) == nil, try transaction.robot(named: name) == nil else {
            throw AccountProblem(.exists, "there is a user or robot '\(name)' already")
        }
    }

    private static func requireAdministrator(_ transaction: any MetadataTransaction) throws {
        guard try transaction.administratorCount() > 0 else {
            throw AccountProblem(
                .lastAdministrator,
                "no administrator would be left",
                remedy: "make another account an administrator first"
            )
        }
    }
}
