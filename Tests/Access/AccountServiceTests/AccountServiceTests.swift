// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

import AccessControl
import AccountService
import Digests
import IdentityProviders
import MetadataStore
import MetadataStoreSQLite
import OCISpec
import TestSupport
import Testing

@Suite struct AccountServiceTests {
    private struct Office: Sendable {
        let stores: AccessStores
        let actor = AuditActor(name: "local")

        var accounts: Accounts { Accounts(stores) }
        var projects: Projects { Projects(stores) }
        var robots: Robots { Robots(stores, prefix: "robot$") }

        static func open(_ body: (Office) async throws -> Void) async throws {
            try await TestScope.run { scope in
                let metadata = try SQLiteMetadataStore(path: scope.path("wharf.db"))
                let now: @Sendable () -> Timestamp = { Timestamp(millisecondsSince1970: 1_000) }
                let stores = AccessStores(
                    metadata: metadata,
                    directory: AccessDirectory(metadata: metadata, now: now),
                    passwords: PasswordWork(),
                    now: now
                )
                try await body(Office(stores: stores))
            }
        }

        func administrator() async throws {
            try await accounts.create("root", password: "password", isAdministrator: true, by: actor)
        }
    }

    private func code(_ body: () async throws -> Void) async -> AccountProblem.Code? {
        do {
            try await body()
            return nil
        } catch {
            return (error as? AccountProblem)?.code
        }
    }

    @Test("the first account must be an administrator's, and ends the time in which everything is open")
    func first() async throws {
        try await Office.open { office in
            let directory = office.stores.directory
            let isOpen = try await directory.isOpen()
            #expect(isOpen)
            let problem = await code {
                try await office.accounts.create(
                    "bob",
                    password: "password",
                    isAdministrator: false,
                    by: office.actor
                )
            }
            #expect(problem == .lastAdministrator)
            #expect(try await directory.isOpen())
            #expect(try await office.accounts.createFirst("root", password: "password"))
            #expect(try await !directory.isOpen())
            #expect(try await !office.accounts.createFirst("other", password: "password"))
        }
    }

    @Test("the last administrator cannot go, whichever way")
    func lastAdministrator() async throws {
        try await Office.open { office in
            try await office.administrator()
            let changes = [Accounts.Change(isAdministrator: false), Accounts.Change(isDisabled: true)]
            for change in changes {
                #expect(
                    await code { try await office.accounts.change("root", change, by: office.actor) }
                        == .lastAdministrator
                )
            }
            #expect(
                await code { try await office.accounts.delete("root", by: office.actor) }
                    == .lastAdministrator
            )
            try await office.accounts.create(
                "two",
                password: "password",
                isAdministrator: true,
                by: office.actor
            )
            try await office.accounts.delete("root", by: office.actor)
            #expect(try await office.accounts.list().map(\.account.name) == ["two"])
        }
    }

    @Test("names are unique among users and robots, and must obey the rules")
    func names() async throws {
        try await Office.open { office in
            try await office.administrator()
            #expect(
                await code {
                    try await office.accounts.create(
                        "root",
                        password: "password",
                        isAdministrator: false,
                        by: office.actor
                    )
                } == .exists
            )
            #expect(
                await code {
                    try await office.accounts.create(
                        "a:b",
                        password: "password",
                        isAdministrator: false,
                        by: office.actor
                    )
                } == .invalid
            )
            #expect(
                await code {
                    try await office.accounts.create(
                        "c",
                        password: "short",
                        isAdministrator: false,
                        by: office.actor
                    )
                } == .invalid
            )
            #expect(await code { try await office.accounts.delete("nobody", by: office.actor) } == .unknown)
        }
    }

    @Test("an htpasswd file is taken as a whole or not at all")
    func htpasswd() async throws {
        try await Office.open { office in
            let hash = "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"
            #expect(
                await code { _ = try await office.accounts.importHtpasswd("a:\(hash)", by: office.actor) }
                    == .lastAdministrator
            )
            try await office.administrator()
            for bad in [
                "a:\(hash)\nb", "a:\(hash)\nb:$apr1$x$y", "a:\(hash)\nb c:\(hash)", "a:\(hash)\nb:plain",
            ] {
                #expect(
                    await code { _ = try await office.accounts.importHtpasswd(bad, by: office.actor) }
                        == .invalid
                )
            }
            #expect(try await office.accounts.list().count == 1)
            let text = "# a comment\n\nalice:\(hash)\r\nbob:\(hash)\n"
            #expect(try await office.accounts.importHtpasswd(text, by: office.actor) == 2)
            #expect(try await office.accounts.importHtpasswd(text, by: office.actor) == 2)
            #expect(try await office.accounts.list().map(\.account.name) == ["alice", "bob", "root"])
            let login = Login(
                metadata: office.stores.metadata,
                directory: office.stores.directory,
                work: office.stores.passwords,
                now: office.stores.now
            )
            #expect(try await login("alice", "U*U", from: "").0.name == "alice")
        }
    }

    @Test("a project with repositories stays, and its tags are published anew when it opens or closes")
    func projects() async throws {
        try await Office.open { office in
            let metadata = office.stores.metadata
            let name = try #require(RepositoryName("team/app"))
            let tag = try #require(TagName("1"))
            let now = office.stores.now()
            let bytes = Array("{}".utf8)
            let manifest = ManifestRecord(
                digest: .init(of: bytes),
                mediaType: "x",
                artifactType: nil,
                configType: nil,
                subject: nil,
                bytes: bytes
            )
            try await metadata.write { transaction in
                for text in ["team/app", "team", "team-2/app", "tea/m"] {
                    guard let name = RepositoryName(text) else { continue }
                    let repository = try transaction.makeRepository(named: name, at: now)
                    try transaction.storeManifest(manifest, needing: [], in: repository, at: now)
                    try transaction.setTag(tag, to: manifest.digest, in: repository, at: now)
                }
            }
            try await office.administrator()
            let team = try #require(ProjectName("team"))
            #expect(
                await code { try await office.projects.delete(team, by: office.actor) } == .projectNotEmpty
            )
            #expect(try await office.projects.list().map(\.repositoryCount) == [1, 2, 1])
            try await office.projects.setPublic(false, of: team, by: office.actor)
            let generations = try await metadata.publications().map(\.generation)
            #expect(generations == [1, 2, 1, 2])
            #expect(try await metadata.publication(of: name, tag: tag)?.generation == 2)
            // Nothing changes, so nothing is published.
            try await office.projects.setPublic(false, of: team, by: office.actor)
            #expect(try await metadata.publication(of: name, tag: tag)?.generation == 2)
        }
    }

    @Test("a private project takes a repository that is nobody's, for good, and no other")
    func privateRepositories() async throws {
        try await Office.open { office in
            try await office.administrator()
            let metadata = office.stores.metadata
            let names = try ["one", "two", "open"].map { try #require(ProjectName($0)) }
            for name in names {
                try await office.projects.create(name, isPublic: name.description == "open", by: office.actor)
            }
            func set(_ index: Int, _ repository: String, isPublic: Bool? = nil) async -> AccountProblem.Code?
            {
                await code {
                    let settings = ["publish_repository": repository]
                    let change = Projects.Change(isPublic: isPublic, settings: settings)
                    try await office.projects.change(names[index], change, by: office.actor)
                }
            }
            func owner(_ repository: String) async throws -> String? {
                try await metadata.read { try $0.owner(ofPublished: repository)?.description }
            }
            #expect(await set(0, "one.example.org") == nil)
            #expect(try await owner("one.example.org") == "one")
            #expect(await set(1, "one.example.org") == .repositoryTaken)
            #expect(await set(2, "one.example.org") == .repositoryTaken)
            // To let it go does not open it, and to take it again is no theft.
            #expect(await set(0, "") == nil)
            #expect(try await owner("one.example.org") == "one")
            #expect(await set(1, "one.example.org") == .repositoryTaken)
            #expect(await set(0, "one.example.org") == nil)
            try await office.projects.delete(names[0], by: office.actor)
            #expect(try await owner("one.example.org") == "one")
            // What everybody can read is not reserved, and closing a project that is in it works all the same.
            #expect(await set(2, "open.example.org") == nil)
            #expect(try await owner("open.example.org") == nil)
            try await office.projects.setPublic(false, of: names[2], by: office.actor)
            #expect(try await owner("open.example.org") == "open")
            #expect(await set(1, "bad name") == .invalid)
        }
    }

    @Test("once there are accounts, a push does not make a project")
    func noProjects() async throws {
        try await Office.open { office in
            try await office.administrator()
            let name = try #require(RepositoryName("new/app"))
            let now = office.stores.now()
            await #expect(throws: MetadataProblem.self) {
                try await office.stores.metadata.write { _ = try $0.makeRepository(named: name, at: now) }
            }
            try await office.projects.create(ProjectName(of: name), isPublic: false, by: office.actor)
            try await office.stores.metadata.write { _ = try $0.makeRepository(named: name, at: now) }
            let problem = await code {
                try await office.projects.create(ProjectName(of: name), isPublic: false, by: office.actor)
            }
            #expect(problem == .exists)
        }
    }

    @Test("a robot gets only what exists where it may work")
    func robots() async throws {
        try await Office.open { office in
            try await office.administrator()
            let team = try #require(ProjectName("team"))
            let other = try #require(ProjectName("other"))
            let pull = Permission(.repository, .pull)
            func wish(_ project: ProjectName?, _ grants: [RobotGrant], name: String = "ci") -> Robots.Wish {
                Robots.Wish(name: name, project: project, summary: "", lifetime: nil, grants: grants)
            }
            let bad: [(Robots.Wish, AccountProblem.Code)] = [
                (wish(team, [RobotGrant(.project(team), pull)]), .unknown), (wish(nil, []), .invalid),
                (wish(team, [RobotGrant(.project(other), pull)]), .invalid),
                (wish(team, [RobotGrant(.everyProject, pull)]), .invalid),
                (wish(nil, [RobotGrant(.system, pull)]), .invalid),
                (wish(nil, [RobotGrant(.everyProject, Permission(.catalog, .read))]), .invalid),
                (wish(nil, [RobotGrant(.everyProject, pull)], name: "a+b"), .invalid),
            ]
            for (wish, expected) in bad {
                #expect(await code { _ = try await office.robots.create(wish, by: office.actor) } == expected)
            }
            try await office.projects.create(team, isPublic: false, by: office.actor)
            let made = try await office.robots.create(
                wish(team, [RobotGrant(.project(team), pull)]),
                by: office.actor
            )
            #expect(made.name == "robot$team+ci")
            let renewed = try await office.robots.renewSecret(of: made.name, by: office.actor)
            #expect(renewed.secret != made.secret)
            let robots = try await office.robots.list(of: team)
            #expect(robots.map(\.credentialVersion) == [2])
            #expect(try await office.robots.list(of: nil).isEmpty)
            try await office.robots.delete(made.name, by: office.actor)
            #expect(await code { try await office.robots.delete(made.name, by: office.actor) } == .unknown)
            try await office.projects.delete(team, by: office.actor)
        }
    }

    @Test("every change leaves a record of who made it")
    func audit() async throws {
        try await Office.open { office in
            try await office.administrator()
            let team = try #require(ProjectName("team"))
            try await office.projects.create(
                team,
                isPublic: true,
                by: AuditActor(name: "root", address: "192.0.2.1")
            )
            try await office.accounts.change("root", .init(password: "another one"), by: office.actor)
            let records = try await office.stores.metadata.read {
                try $0.auditRecords(before: nil, limit: 10)
            }
            #expect(records.map(\.action) == ["user.change", "project.create", "user.create"])
            #expect(records.map(\.actor.name) == ["local", "root", "local"])
            #expect(records[1].actor.address == "192.0.2.1")
            #expect(!records.contains { $0.detail.contains("another") })
            let older = try await office.stores.metadata.read {
                try $0.auditRecords(before: records[0].id, limit: 1)
            }
            #expect(older.map(\.action) == ["project.create"])
        }
    }
}
