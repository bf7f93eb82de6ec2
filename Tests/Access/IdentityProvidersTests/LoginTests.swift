// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

import AccessControl
import IdentityProviders
import MetadataStore
import MetadataStoreSQLite
import OCISpec
import Testing

@Suite struct LoginTests {
    private func code(_ body: () async throws -> Void) async -> IdentityProblem.Code? {
        do {
            try await body()
            return nil
        } catch {
            return (error as? IdentityProblem)?.code
        }
    }

    @Test("a right password names its account, and a wrong one nobody")
    func passwords() async throws {
        try await AccessBench.run { bench in
            let reference = try await bench.account("alice")
            let found = try await bench.services.login("alice", "password", from: "1")
            #expect(found.1 == reference)
            #expect(found.0.name == "alice")
            for (name, secret) in [
                ("alice", "Password"), ("alice", ""), ("bob", "password"), ("", ""), ("alice\0", "password"),
            ] {
                let code = await code { _ = try await bench.services.login(name, secret, from: "2") }
                #expect(code == .badCredentials)
            }
        }
    }

    @Test(
        "an account that is disabled or has a new password is out at once, although its login was remembered"
    )
    func changes() async throws {
        try await AccessBench.run { bench in
            try await bench.account("alice")
            _ = try await bench.services.login("alice", "password", from: "1")
            try await bench.change("alice") { $0.isDisabled = true }
            #expect(
                await code { _ = try await bench.services.login("alice", "password", from: "1") }
                    == .badCredentials
            )
            try await bench.change("alice") { $0.isDisabled = false }
            _ = try await bench.services.login("alice", "password", from: "1")
        }
    }

    @Test("a robot logs in by its secret until it expires")
    func robots() async throws {
        try await AccessBench.run { bench in
            try await bench.robot("robot$ci", secret: "secret", expires: bench.now.adding(.seconds(100)))
            let found = try await bench.services.login("robot$ci", "secret", from: "1")
            #expect(found.0 == .robot(id: 1, name: "robot$ci"))
            #expect(
                await code { _ = try await bench.services.login("robot$ci", "other", from: "1") }
                    == .badCredentials
            )
            bench.advance(.seconds(101))
            #expect(
                await code { _ = try await bench.services.login("robot$ci", "secret", from: "1") }
                    == .badCredentials
            )
        }
    }

    @Test("guessing is slowed down, and says when to come back")
    func throttled() async throws {
        try await AccessBench.run { bench in
            try await bench.account("alice")
            for _ in 0..<5 {
                #expect(
                    await code { _ = try await bench.services.login("alice", "guess", from: "1") }
                        == .badCredentials
                )
            }
            #expect(
                await code { _ = try await bench.services.login("alice", "password", from: "1") }
                    == .throttled
            )
            _ = try await bench.services.login("alice", "password", from: "2")
        }
    }

    @Test("the first login renews a hash that is out of date, and goes on working")
    func renewal() async throws {
        try await AccessBench.run { bench in
            try await bench.account("alice")
            _ = try await bench.services.login("alice", "password", from: "1")
            let stored = try await bench.metadata.read { try $0.account(named: "alice")?.passwordHash }
            #expect(stored?.hasPrefix("$scrypt$ln=15,r=8,p=1$") == true)
            #expect(try await bench.metadata.read { try $0.account(named: "alice")?.credentialVersion } == 1)
            _ = try await bench.neighbour().login("alice", "password", from: "1")
        }
    }

    @Test("the directory answers anew after every change, and remembers in between")
    func directory() async throws {
        try await AccessBench.run { bench in
            let directory = bench.services.directory
            #expect(try await directory.isOpen())
            let reference = try await bench.account("alice")
            #expect(try await !directory.isOpen())
            let principal = try #require(try await directory.principal(reference))
            let team = try #require(ProjectName("team"))
            #expect(try await directory.actions(of: principal, in: team) == [])
            let now = bench.now
            try await bench.metadata.write { _ = try $0.createProject(team, isPublic: true, at: now) }
            directory.forget()
            #expect(try await directory.actions(of: principal, in: team) == .pull)
            #expect(try await directory.actions(of: .anonymous, in: team) == .pull)
            try await bench.metadata.write { transaction in
                let project = try transaction.project(named: team)
                guard let project, let account = try transaction.account(named: "alice") else { return }
                try transaction.setRole(.maintainer, of: account.id, in: project)
                try transaction.setPublic(false, of: project)
            }
            directory.forget()
            #expect(try await directory.actions(of: principal, in: team) == .all)
            #expect(try await directory.actions(of: .anonymous, in: team) == [])
        }
    }
}
