// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

import CVMFSPublisher
import Digests
import Foundation
import ImagePublishing
import MetadataStore
import OCISpec
import RepositoryFixtures
import Testing

@Suite(.ownThread) struct AnticipationTests {
    private let fixture: PublishingFixture
    private let layer = TestLayer(files: [("a", "alpha"), ("d/b", "beta")])

    init() throws { fixture = try PublishingFixture() }

    private func anticipate(_ blob: OCIDigest, _ size: Int) throws {
        try fixture.publisher.anticipate(blob, size: Int64(size), in: try fixture.names("app").0)
        fixture.waitForLayer()
    }

    private func files() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: fixture.location.layers).sorted()
    }

    @Test(
        "a layer is read when its blob has arrived, so that the manifest finds it done",
        arguments: TestLayer.Form.allCases
    )
    func early(form: TestLayer.Form) async throws {
        let layer = TestLayer(files: [("a", "alpha")], as: form)
        // The image is on the shelf, but nobody has pushed its manifest.
        let digest = try await fixture.shelf.putImage([layer])
        try fixture.makeProject(of: "app")
        try anticipate(layer.digest, layer.blob.count)
        #expect(FileManager.default.fileExists(atPath: fixture.location.layerIndex(layer.diffID)))
        try fixture.push(digest, to: "app")
        #expect(try fixture.publisher.round().count == 1)
        #expect(try fixture.content("\(fixture.flat(digest))/a") == "alpha")
    }

    @Test("what is no archive leaves nothing behind")
    func noArchive() async throws {
        try fixture.makeProject(of: "app")
        let texts: [[UInt8]] = [
            Array(#"{"rootfs": {}}"#.utf8), [], [0x1F, 0x8B, 8, 0, 1, 2, 3],
            Array(layer.blob.prefix(layer.blob.count / 2)),
        ]
        for bytes in texts {
            let digest = try await fixture.shelf.putBlob(bytes)
            try anticipate(digest, bytes.count)
        }
        #expect(try files() == [])
    }

    @Test("nothing is read early for a project that publishes nothing")
    func privateProject() async throws {
        _ = try await fixture.shelf.putImage([layer])
        try fixture.publisher.anticipate(
            layer.digest,
            size: Int64(layer.blob.count),
            in: try fixture.names("nobody/app").0
        )
        // The pool has nothing to do: stopping it waits for no one.
        fixture.pool.stop()
        #expect(try files() == [])
    }

    @Test("a diff id that was found early is not believed to be another one")
    func wrongDiffID() async throws {
        try fixture.makeProject(of: "app")
        let other = TestLayer(files: [("b", "b")])
        let digest = try await fixture.shelf.putImage(
            [layer],
            more: ["rootfs": ["type": "layers", "diff_ids": [other.diffID.description]]]
        )
        try anticipate(layer.digest, layer.blob.count)
        try fixture.push(digest, to: "app")
        try fixture.publish()
        let status = try #require(try fixture.status("app"))
        #expect(status.state == .failed && status.error?.contains("diff id") == true)
    }
}
