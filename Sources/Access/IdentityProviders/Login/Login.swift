// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

package import AccessControl
package import MetadataStore
internal import Synchronization

/// Finds out who somebody is by name and secret: an account by its password, a robot by its secret.
package final class Login: Sendable {
    private let metadata: any MetadataStore
    private let work: PasswordWork
    private let directory: AccessDirectory
    private let cache = CredentialCache()
    private let throttle = Mutex(LoginThrottle())
    private let now: @Sendable () -> Timestamp
    private let clock = ContinuousClock()
    private let start: ContinuousClock.Instant
    /// Compared with when there is no such account, so that it takes as long as a wrong password.
    private let decoy: PasswordHash?

    /// Checks against the accounts of a database.
    package init(
        metadata: any MetadataStore,
        directory: AccessDirectory,
        work: PasswordWork,
        now: @escaping @Sendable () -> Timestamp
    ) {
        self.metadata = metadata
        self.directory = directory
        self.work = work
        self.now = now
        start = clock.now
        decoy = PasswordHash(
            "$scrypt$ln=15,r=8,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
        )
    }

    /// Checks a name and a secret that came from an address.
    ///
    /// - Throws: `badCredentials`, `throttled`, `passwordWork`.
    package func callAsFunction(_ name: String, _ secret: String, from address: String) async throws
        -> (Principal, PrincipalReference)
    {
        let elapsed = clock.now - start
        if let pause = throttle.withLock({ $0.pause(for: name, from: address, now: elapsed) }) {
            throw IdentityProblem(.throttled, "too many failed logins", retryAfter: pause)
        }
        if let known = cache.reference(name, secret, now: elapsed),
            let principal = try await directory.principal(known)
        {
            return (principal, known)
        }
        guard let reference = try await reference(name, secret),
            let principal = try await directory.principal(reference)
        else {
            throttle.withLock { $0.fail(name, from: address, now: elapsed) }
            throw IdentityProblem.badCredentials
        }
        throttle.withLock { $0.succeed(name, from: address) }
        cache.remember(name, secret, as: reference, now: elapsed)
        return (principal, reference)
    }

    private func reference(_ name: String, _ secret: String) async throws -> PrincipalReference? {
        guard !name.utf8.contains(0), secret.utf8.count <= 1024 else { return nil }
        let (robot, account) = try await metadata.read { transaction in
            (try transaction.robot(named: name), try transaction.account(named: name))
        }
        if let robot {
            guard RobotSecret.matches(secret, hash: robot.secretHash) else { return nil }
            return .robot(id: robot.id, credentialVersion: robot.credentialVersion)
        }
        let stored = account?.passwordHash.flatMap { PasswordHash($0) }
        guard let hash = stored ?? decoy else { return nil }
        guard try await work.run({ hash.matches(secret) }), let account, stored != nil else { return nil }
        if hash.isOutdated { try await renew(hash, of: account, secret) }
        return .user(id: account.id, credentialVersion: account.credentialVersion)
    }

    /// Stores the password that was just right in the present form.
    private func renew(_ hash: PasswordHash, of account: AccountRecord, _ secret: String) async throws {
        let renewed = try await work.run { try PasswordHash(hashing: secret) }
        try await metadata.write {
            try $0.rehashPassword(of: account.id, from: hash.description, to: renewed.description)
        }
    }
}
