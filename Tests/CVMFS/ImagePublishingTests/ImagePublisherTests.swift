// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

import ArchiveFixtures
import CVMFSFormat
import CVMFSPublisher
import Digests
import Foundation
import ImagePublishing
import LayerUnpacking
import MetadataStore
import OCISpec
import RepositoryFixtures
import Testing

@Suite(.ownThread) struct ImagePublisherTests {
    private let fixture: PublishingFixture
    private let layer = TestLayer(files: [("a", "alpha")])
    private let link = "127.0.0.1:5000/team/app:1"
    private let alias = ".by-name/127.0.0.1+5000/team/app/1"
    private let metadata = ".metadata/127.0.0.1:5000/team/app:1"

    init() throws { fixture = try PublishingFixture() }

    @Test("an image gets its tree, link, alias and metadata in one revision")
    func published() async throws {
        let before = fixture.revision
        let digest = try await fixture.publishImage([layer], as: "team/app")
        let flat = try fixture.flat(digest)
        #expect(try fixture.content("\(flat)/a") == "alpha")
        #expect(try fixture.link(link) == "../..\(flat)")
        #expect(try fixture.link(alias) == "../../../..\(flat)")
        #expect(
            try fixture.names(in: metadata) == [
                "fidelity.json", "image-config.json", "image-manifest.json", "manifest.json",
            ]
        )
        let manifest = try #require(fixture.shelf.manifests[digest]).bytes
        #expect(
            try fixture.content(metadata + "/image-manifest.json")
                == String(decoding: manifest, as: UTF8.self)
        )
        #expect(fixture.revision == before + 1)
        let record = try #require(try fixture.status("team/app"))
        #expect(record.state == .published && record.revision == fixture.revision)
        #expect(record.path == "/cvmfs/test.example.org/\(link)" && record.layersDone == 1)
        #expect(try fixture.publisher.pending(limit: 1).isEmpty)
    }

    @Test("a broken image fails, and what was published before stays")
    func failed() async throws {
        let good = try await fixture.publishImage([layer], as: "team/app")
        let revision = fixture.revision
        let bad = try await fixture.shelf.putImage(
            [layer],
            more: ["rootfs": ["type": "layers", "diff_ids": [OCIDigest(of: [1]).description]]]
        )
        try fixture.push(bad, to: "team/app")
        try fixture.publish()
        let record = try #require(try fixture.status("team/app"))
        #expect(record.state == .failed && record.error?.contains("diff id") == true)
        #expect(fixture.revision == revision)
        #expect(try fixture.link(link)?.hasSuffix("\(fixture.flat(good))") == true)
        #expect(try fixture.publisher.pending(limit: 1).isEmpty)
    }

    @Test("an archive that is none is the image's fault too")
    func noArchive() async throws {
        let junk = try await fixture.shelf.putBlob([UInt8](repeating: 7, count: 2000))
        let rootfs = ["type": "layers", "diff_ids": [junk.description]] as [String: Any]
        let digest = try await fixture.shelf.putManifest(
            config: ImageShelf.json(["architecture": "amd64", "os": "linux", "rootfs": rootfs]),
            layers: [(MediaType.ociLayer, junk, 2000)]
        )
        try fixture.push(digest, to: "team/app")
        try fixture.publish()
        #expect(try fixture.status("team/app")?.state == .failed)
    }

    @Test("an artifact in an image's place takes the links away")
    func artifact() async throws {
        try await fixture.publishImage([layer], as: "team/app")
        let digest = fixture.shelf.putManifest(["mediaType": MediaType.ociArtifact], MediaType.ociArtifact)
        try fixture.push(digest, to: "team/app")
        try fixture.publish()
        let record = try #require(try fixture.status("team/app"))
        #expect(record.state == .unpublished && record.reason?.contains("artifact") == true)
        #expect(record.path == nil && record.revision == nil)
        #expect(try fixture.entry(link) == nil && fixture.entry(metadata) == nil)
    }

    @Test("a deleted tag takes its links, metadata and the directories that become empty")
    func deleted() async throws {
        try await fixture.publishImage([layer], as: "team/app")
        try await fixture.publishImage([layer], as: "other")
        try fixture.delete("team/app")
        try fixture.publish()
        #expect(try fixture.status("team/app") == nil)
        #expect(try fixture.names(in: "127.0.0.1:5000") == ["other:1"])
        #expect(try fixture.names(in: ".by-name/127.0.0.1+5000") == ["other"])
        #expect(try fixture.names(in: ".metadata/127.0.0.1:5000") == ["other:1"])
    }

    @Test("a tag that moves leads to the new tree, and the old one stays")
    func moved() async throws {
        let old = try await fixture.publishImage([layer], as: "team/app")
        let new = try await fixture.publishImage([TestLayer(files: [("b", "beta")])], as: "team/app")
        #expect(try fixture.link(link) == "../..\(fixture.flat(new))")
        #expect(try fixture.content("\(fixture.flat(old))/a") == "alpha")
        #expect(try fixture.names(in: "127.0.0.1:5000/team") == ["app:1"])
    }

    @Test("an image replaces an index, with all platforms")
    func indexReplaced() async throws {
        let index = try await index()
        try fixture.push(index, to: "team/app")
        try fixture.publish()
        let digest = try await fixture.publishImage([layer], as: "team/app")
        #expect(try fixture.link(link) == "../..\(fixture.flat(digest))")
        #expect(try fixture.names(in: ".multiarch/amd64").isEmpty)
        #expect(try fixture.entry(metadata + "/image-index.json") == nil)
    }

    /// An index of two platforms.
    private func index() async throws -> OCIDigest {
        let amd64 = try await fixture.shelf.putImage([layer])
        let arm64 = try await fixture.shelf.putImage([layer], more: ["architecture": "arm64"])
        return fixture.shelf.putIndex([.init(digest: amd64), .init(digest: arm64)])
    }

    @Test("an index has a link for each platform, and one that the client completes")
    func multiarch() async throws {
        try fixture.push(try await index(), to: "team/app")
        try fixture.publish()
        #expect(try fixture.link(link) == "../../.multiarch/$(CVMFS_ARCH:-amd64)/\(link)")
        #expect(try fixture.link(alias) == "../../../../.multiarch/$(CVMFS_ARCH:-amd64)/\(link)")
        var flats: Set<String> = []
        for platform in ["amd64", "arm64"] {
            let place = ".multiarch/\(platform)/\(link)"
            let target = try #require(try fixture.link(place))
            #expect(target.hasPrefix("../../../../.flat/"))
            flats.insert(target)
            #expect(try fixture.entry(".metadata/\(place)/manifest.json") != nil)
        }
        #expect(flats.count == 2)
        #expect(try fixture.link(".multiarch/x86_64") == "amd64")
        #expect(try fixture.link(".multiarch/aarch64") == "arm64")
        #expect(try fixture.entry(metadata + "/image-index.json") != nil)
        #expect(try fixture.status("team/app")?.layersTotal == 1)
    }

    @Test(
        "a platform by another name never stops the publisher",
        arguments: PlatformName.aliases.map(\.name) + [".cvmfscatalog"]
    )
    func oddPlatforms(name: String) async throws {
        try fixture.push(try await index(), to: "team/app")
        try fixture.publish()
        let image = try await fixture.shelf.putImage([layer], more: ["architecture": name])
        try fixture.push(fixture.shelf.putIndex([.init(digest: image)]), to: "odd")
        let outcomes = try fixture.publish()
        #expect(outcomes.count == 1)
        let target = PlatformName.aliases.first { $0.name == name }?.target
        #expect(try fixture.status("odd")?.state == (target == nil ? .unpublished : .published))
        if let target { #expect(try fixture.entry(".multiarch/\(target)/127.0.0.1:5000/odd:1") != nil) }
    }

    @Test("the end of the program leaves the tag pending and publishes nothing")
    func stopping() async throws {
        let revision = fixture.revision
        try fixture.push(try await fixture.shelf.putImage([layer]), to: "app")
        fixture.pool.stop()
        #expect(try fixture.publisher.round().isEmpty && fixture.revision == revision)
        #expect(try fixture.publisher.pending(limit: 2).map(\.tag.description) == ["1"])
        #expect(try FileManager.default.contentsOfDirectory(atPath: fixture.location.layers) == [])
    }

    @Test("all images that are ready go into one revision")
    func batch() async throws {
        let revision = fixture.revision
        var indexes = [fixture.location.layerIndex(layer.diffID)]
        for number in 0..<5 {
            let own = TestLayer(files: [("own", "\(number)")])
            indexes.append(fixture.location.layerIndex(own.diffID))
            try fixture.push(try await fixture.shelf.putImage([layer, own]), to: "app\(number)")
        }
        // The first round asks for the layers; when it is asked again, all are there.
        #expect(try fixture.publisher.round().isEmpty)
        // A layer may be asked for again at the moment when it is finished, so that their number says nothing.
        while !indexes.allSatisfy({ FileManager.default.fileExists(atPath: $0) }) { fixture.waitForLayer() }
        #expect(try fixture.publisher.round().count == 5)
        #expect(fixture.revision == revision + 1)
        for number in 0..<5 {
            #expect(try fixture.status("app\(number)")?.revision == revision + 1)
            #expect(try fixture.link("127.0.0.1:5000/app\(number):1") != nil)
        }
    }

    @Test("a broken image does not keep its neighbours from being published")
    func neighbours() async throws {
        let file = TestLayer(files: [("a", "file")])
        var archive = TarBytes()
        var link = TarBytes.Header("b", type: "1")
        link.link = "nothing"
        archive.add(link)
        try fixture.push(try await fixture.shelf.putImage([file]), to: "good")
        try fixture.push(try await fixture.shelf.putImage([TestLayer(archive)]), to: "bad")
        try fixture.push(try await fixture.shelf.putImage([file, layer]), to: "fine")
        try fixture.publish()
        #expect(try fixture.status("good")?.state == .published)
        #expect(try fixture.status("fine")?.state == .published)
        let bad = try #require(try fixture.status("bad"))
        #expect(bad.state == .failed && bad.error?.contains("hard link") == true)
        #expect(try fixture.link("127.0.0.1:5000/bad:1") == nil)
    }

    @Test("a damaged layer index delays a tag until the next try only")
    func damagedIndex() async throws {
        try await fixture.publishImage([layer], as: "one")
        let index = URL(fileURLWithPath: fixture.location.layerIndex(layer.diffID))
        try Data(try Data(contentsOf: index).dropLast()).write(to: index)
        let digest = try await fixture.shelf.putImage([layer], more: ["author": "another"])
        try fixture.push(digest, to: "two")
        #expect(throws: LayerProblem.self) { try fixture.publish() }
        try fixture.publish()
        #expect(try fixture.status("two")?.state == .published)
        #expect(try fixture.content("\(fixture.flat(digest))/a") == "alpha")
    }

    @Test("a publisher that opens the repository anew goes on where the last one stood")
    func reopened() async throws {
        try await fixture.publishImage([layer], as: "one")
        let revision = fixture.revision
        let next = try ImagePublisher(
            configuration: ImagePublisher.Configuration(
                data: fixture.scratch.path,
                repository: fixture.location.name,
                registry: PublishingFixture.registry
            ),
            store: fixture.store,
            records: fixture.store,
            storage: fixture.shelf.blobs,
            pool: fixture.pool,
            now: { PublishingFixture.start - 1000 }
        )
        #expect(next.publisher.manifest.revision == revision)
        try fixture.push(try await fixture.shelf.putImage([TestLayer(files: [("b", "b")])]), to: "two")
        // The old one lost the right to write and publishes nothing more.
        let problem = #expect(throws: PublisherProblem.self) { try fixture.publish() }
        #expect(problem?.code == .lostLease)
        try fixture.publish(with: next)
        #expect(next.publisher.manifest.revision == revision + 1)
        #expect(next.publisher.manifest.timestamp >= PublishingFixture.start)
        #expect(try fixture.status("two")?.state == .published)
    }

    @Test("revisions only grow, and nothing to do makes none")
    func revisions() async throws {
        var last = fixture.revision
        for tag in ["1", "2", "3"] {
            try await fixture.publishImage([layer], as: "team/app", tag)
            #expect(fixture.revision == last + 1)
            last = fixture.revision
        }
        try fixture.publish()
        #expect(fixture.revision == last)
    }

    @Test("images that share a layer store each file once")
    func shared() async throws {
        try await fixture.publishImage([layer], as: "one")
        let files = try fixture.objectCount(.file)
        let upper = TestLayer(files: [("b", "beta"), ("copy", "alpha")])
        let digest = try await fixture.publishImage([layer, upper], as: "two")
        // The new content; config, manifest and tools' manifest of the second image; podman's two lists and its short name.
        #expect(try fixture.objectCount(.file) == files + 7)
        #expect(try fixture.content("\(fixture.flat(digest))/copy") == "alpha")
    }

    @Test("a tag whose link no file system could hold fails")
    func longName() async throws {
        let repository = String(repeating: "r", count: 200)
        try await fixture.publishImage([layer], as: repository, String(repeating: "t", count: 55))
        #expect(try fixture.status(repository, String(repeating: "t", count: 55))?.state == .failed)
        try await fixture.publishImage([layer], as: repository, String(repeating: "t", count: 54))
        #expect(try fixture.status(repository, String(repeating: "t", count: 54))?.state == .published)
    }

    // MARK: Aliases that meet

    @Test("a repository may have the name of another's tag; the first keeps the alias")
    func aliasBeforeDirectory() async throws {
        let first = try await fixture.publishImage([layer], as: "team/app")
        try await fixture.publishImage([layer], as: "team/app/1", "x")
        let record = try #require(try fixture.status("team/app/1", "x"))
        #expect(record.state == .published)
        #expect(record.warnings == [PublicationWarning(kind: "alias-taken", path: "/\(alias)/x")])
        #expect(try fixture.link(alias) == "../../../..\(fixture.flat(first))")
        #expect(try fixture.entry("127.0.0.1:5000/team/app/1:x") != nil)
        try fixture.delete("team/app/1", "x")
        try fixture.publish()
        #expect(try fixture.entry(alias) != nil)
    }

    @Test("a tag may have the name of another's repository; the first keeps the alias")
    func directoryBeforeAlias() async throws {
        try await fixture.publishImage([layer], as: "team/app/1", "x")
        try await fixture.publishImage([layer], as: "team/app")
        let record = try #require(try fixture.status("team/app"))
        #expect(record.state == .published)
        #expect(record.warnings == [PublicationWarning(kind: "alias-taken", path: "/\(alias)")])
        try fixture.delete("team/app")
        try fixture.publish()
        #expect(try fixture.entry(alias + "/x") != nil)
    }
}
