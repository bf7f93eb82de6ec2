// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

import AccessControl
import Digests
import IdentityProviders
import MetadataStore
import MetadataStoreSQLite
import Synchronization
import TestSupport

/// Access services over a database of their own, with a clock that stands still until it is moved.
struct AccessBench: Sendable {
    let metadata: SQLiteMetadataStore
    let services: AccessServices
    private let clock: Clock

    final class Clock: Sendable {
        private let moment = Mutex(Timestamp(millisecondsSince1970: 1_800_000_000_000))

        var now: Timestamp { moment.withLock { $0 } }

        func advance(_ duration: Duration) { moment.withLock { $0 = $0.adding(duration) } }
    }

    static func run(_ body: (AccessBench) async throws -> Void) async throws {
        try await TestScope.run { scope in
            let metadata = try SQLiteMetadataStore(path: scope.path("wharf.db"))
            let clock = Clock()
            let services = AccessServices(
                AccessServices.Configuration(service: "registry.example.org"),
                metadata: metadata,
                passwords: PasswordWork(),
                now: { clock.now }
            )
            try await body(AccessBench(metadata: metadata, services: services, clock: clock))
        }
    }

    /// Services of another server on the same database.
    func neighbour() -> AccessServices {
        AccessServices(
            AccessServices.Configuration(service: "registry.example.org"),
            metadata: metadata,
            passwords: PasswordWork(),
            now: { [clock] in clock.now }
        )
    }

    var now: Timestamp { clock.now }

    func advance(_ duration: Duration) { clock.advance(duration) }

    /// Makes an account with a cheap hash.
    @discardableResult
    func account(_ name: String, password: String = "password", isAdministrator: Bool = false) async throws
        -> PrincipalReference
    {
        let cost = Scrypt.Cost(logarithm: 4, blockSize: 8, parallelism: 1)
        let hash = try PasswordHash(hashing: password, cost: cost).description
        let record = AccountRecord(
            id: 0,
            name: name,
            passwordHash: hash,
            isAdministrator: isAdministrator,
            isDisabled: false,
            credentialVersion: 1,
            created: now
        )
        let id = try await metadata.write { try $0.createAccount(record) }
        services.directory.forget()
        return .user(id: id, credentialVersion: 1)
    }

    func change(_ name: String, _ body: @escaping @Sendable (inout AccountRecord) -> Void) async throws {
        try await metadata.write { transaction in
            guard var account = try transaction.account(named: name) else { return }
            body(&account)
            try transaction.updateAccount(account)
        }
        services.directory.forget()
    }

    func robot(_ name: String, secret: String, expires: Timestamp? = nil) async throws {
        let record = RobotRecord(
            id: 0,
            name: name,
            project: nil,
            secretHash: RobotSecret.hash(secret),
            summary: "",
            expires: expires,
            isDisabled: false,
            credentialVersion: 1,
            created: now,
            grants: [RobotGrant(.everyProject, Permission(.repository, .pull))]
        )
        _ = try await metadata.write { try $0.createRobot(record) }
        services.directory.forget()
    }
}
