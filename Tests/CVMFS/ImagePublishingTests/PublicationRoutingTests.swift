// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

import AccessControl
import CVMFSFormat
import CVMFSPublisher
import Digests
import FileTree
import ImagePublishing
import MetadataStore
import MetadataStoreSQLite
import OCISpec
import PublicationRules
import RepositoryFixtures
import Testing

@Suite(.ownThread) struct PublicationRoutingTests {
    private let fixture: PublishingFixture
    private let layer = TestLayer(files: [("a", "a")])
    private let now = Timestamp(millisecondsSince1970: 0)

    init() throws { fixture = try PublishingFixture() }

    private func set(_ settings: [String: String], isPublic: Bool = true, of project: String = "team") throws
    {
        let name = try #require(ProjectName(project))
        try fixture.store.writeBlocking { transaction in
            let project = try #require(try transaction.project(named: name))
            try transaction.setPublic(isPublic, of: project)
            try transaction.setPublicationRules(try PublicationRules(settings: settings), of: project)
            try transaction.republish(name, at: now)
        }
        try fixture.publish()
    }

    private func reserve(_ repository: String, for project: String) throws {
        let name = try #require(ProjectName(project))
        try fixture.store.writeBlocking { try $0.reserve(published: repository, for: name) }
    }

    @Test("a tag moves to the repository that its project names, and back")
    func moves() async throws {
        try await fixture.publishImage([layer], as: "team/app")
        #expect(try fixture.link("127.0.0.1:5000/team/app:1") != nil)
        try set(["publish_repository": "other.example.org"])
        #expect(try fixture.status("team/app")?.publishedRepository == "other.example.org")
        #expect(try fixture.link("127.0.0.1:5000/team/app:1") == nil)
        try set([:])
        #expect(try fixture.status("team/app")?.publishedRepository == "test.example.org")
        #expect(try fixture.link("127.0.0.1:5000/team/app:1") != nil)
    }

    @Test("a private project is published in a repository of its own, and nowhere else")
    func privacy() async throws {
        try await fixture.publishImage([layer], as: "team/app")
        for settings in [
            [:], ["publish_repository": "test.example.org"], ["publish_repository": "x.example.org"],
        ] {
            try set(settings, isPublic: false)
            let status = try #require(try fixture.status("team/app"))
            #expect(status.state == .unpublished && status.reason?.contains("private") == true)
            #expect(try fixture.link("127.0.0.1:5000/team/app:1") == nil)
        }
        try reserve("own.example.org", for: "team")
        try set(["publish_repository": "own.example.org"], isPublic: false)
        #expect(try fixture.status("team/app")?.publishedRepository == "own.example.org")
        // Nobody else gets in, open or closed.
        try await fixture.publishImage([layer], as: "thief/app")
        for isPublic in [true, false] {
            try set(["publish_repository": "own.example.org"], isPublic: isPublic, of: "thief")
            #expect(try fixture.status("thief/app")?.state == .unpublished)
        }
        // A word by name does not overrule it.
        try fixture.store.writeBlocking { transaction in
            let names = try fixture.names("thief/app")
            _ = try transaction.setPublicationWish(.publish, of: names.0, tag: names.1, at: now)
        }
        try fixture.publish()
        #expect(try fixture.status("thief/app")?.state == .unpublished)
    }

    @Test("of the newest tags, one that moves takes the place of the oldest, which comes back when it goes")
    func newest() async throws {
        let digests = [
            try await fixture.shelf.putImage([layer]), try await fixture.shelf.putImage([layer, layer]),
        ]
        func push(_ tag: String, _ digest: Int, at moment: Int64) throws {
            let names = try fixture.names("team/app", tag)
            try fixture.push(digests[digest], to: "team/app", tag + "-seed")
            try fixture.store.writeBlocking { transaction in
                let repository = try #require(try transaction.repository(named: names.0))
                let time = Timestamp(millisecondsSince1970: moment)
                try transaction.setTag(names.1, to: digests[digest], in: repository, at: time)
            }
            try fixture.publish()
        }
        func shown() throws -> [String] {
            try ["a", "b", "c"].filter { try fixture.status("team/app", $0)?.state == .published }
        }
        try push("a", 0, at: 1)
        try set(["publish_newest": "2", "publish_exclude": "*-seed"])
        try push("b", 0, at: 2)
        #expect(try shown() == ["a", "b"])
        try push("c", 0, at: 3)
        #expect(try shown() == ["b", "c"])
        try push("a", 1, at: 4)
        #expect(try shown() == ["a", "c"])
        try fixture.delete("team/app", "a")
        try fixture.publish()
        #expect(try shown() == ["b", "c"])
    }

    @Test("a policy that refuses is asked again when a signature comes")
    func policy() async throws {
        /// Wants anything at all that refers to the image.
        struct Signed: PublicationPolicy {
            func refusal(
                of subject: PublicationSubject,
                _ referrers: ImageReferrers,
                _ record: PublicationRecord
            ) -> String? { referrers.bySubject.isEmpty ? "it is not signed" : nil }
        }
        let signed = try fixture.anotherPublisher(policy: Signed())
        let digest = try await fixture.shelf.putImage([layer])
        try fixture.push(digest, to: "team/app")
        try fixture.publish(with: signed)
        let status = try #require(try fixture.status("team/app"))
        #expect(status.state == .unpublished && status.reason == "it is not signed")
        let config = try await fixture.shelf.putBlob(Array("{}".utf8))
        let bytes = Array(
            """
            {"schemaVersion":2,"mediaType":"\(MediaType.ociManifest)","config":{"mediaType":"\(MediaType.empty)",
            "digest":"\(config)","size":2},"layers":[],"subject":{"mediaType":"x/y","digest":"\(digest)","size":1}}
            """.utf8
        )
        try fixture.store.writeBlocking { transaction in
            let repository = try #require(try transaction.repository(named: fixture.names("team/app").0))
            let record = ManifestRecord(
                digest: .init(of: bytes),
                mediaType: MediaType.ociManifest,
                artifactType: nil,
                configType: nil,
                subject: digest,
                bytes: bytes
            )
            try transaction.storeManifest(record, needing: [], in: repository, at: now)
            try transaction.reviewPublications(showing: digest, in: repository, at: now)
        }
        try fixture.publish(with: signed)
        #expect(try fixture.status("team/app")?.state == .published)
    }

    @Test("a project that is closed at the moment of publication leaves nothing in the open tree")
    func closedMeanwhile() async throws {
        /// Closes the project after the publisher has decided.
        struct Closing: PublicationPolicy {
            let close: @Sendable () throws -> Void

            func refusal(
                of subject: PublicationSubject,
                _ referrers: ImageReferrers,
                _ record: PublicationRecord
            ) throws -> String? {
                try close()
                return nil
            }
        }
        let team = try #require(ProjectName("team"))
        let (store, now) = (fixture.store, now)
        let closing = try fixture.anotherPublisher(
            policy: Closing {
                try store.writeBlocking { transaction in
                    guard let project = try transaction.project(named: team), project.isPublic else { return }
                    try transaction.setPublic(false, of: project)
                    try transaction.republish(team, at: now)
                }
            }
        )
        let digest = try await fixture.shelf.putImage([])
        try fixture.push(digest, to: "team/app")
        #expect(try closing.round().count == 1)
        try fixture.publish(with: closing)
        #expect(try fixture.status("team/app")?.state == .unpublished)
        let tree = try PublishedTree(
            objects: closing.publisher.objects,
            rootCatalog: closing.publisher.manifest.rootCatalog
        )
        #expect(try tree.entry(at: TreePath("127.0.0.1:5000/team/app:1")) == nil)
        #expect(try tree.entry(at: TreePath(".metadata/127.0.0.1:5000/team/app:1")) == nil)
    }
}
