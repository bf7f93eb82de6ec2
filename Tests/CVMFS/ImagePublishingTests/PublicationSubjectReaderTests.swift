// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

import Digests
import ImagePublishing
import OCISpec
import Testing

/// - Source: OCI image specification 1.1, "image manifest", "image index", "image configuration".
@Suite(.ownThread) struct PublicationSubjectReaderTests {
    private let shelf = ImageShelf()
    private let layer = TestLayer(files: [("a", "a")])

    private func reason(_ digest: OCIDigest) throws -> String? {
        guard case .notAnImage(let reason) = try shelf.reader().subject(digest) else { return nil }
        return reason
    }

    /// The platforms of an index, with the digests of their manifests.
    private func images(_ digest: OCIDigest) throws -> [String: OCIDigest] {
        guard case .index(_, let images) = try shelf.reader().subject(digest) else { return [:] }
        return Dictionary(uniqueKeysWithValues: images.map { ($0.platform.description, $0.image.digest) })
    }

    private func code(_ digest: OCIDigest, layerLimit: Int = 127) -> ImageProblem.Code? {
        do {
            _ = try shelf.reader(layerLimit: layerLimit).subject(digest)
            return nil
        } catch {
            return (error as? ImageProblem)?.code
        }
    }

    @Test("an image comes with its layers and their diff ids, lowest first")
    func image() async throws {
        let upper = TestLayer(files: [("b", "b")], as: .gzip)
        let digest = try await shelf.putImage([layer, upper])
        guard case .image(let image) = try shelf.reader().subject(digest) else {
            Issue.record("the manifest is no image")
            return
        }
        #expect(image.digest == digest && image.manifestType == MediaType.ociManifest)
        #expect(image.layers.map(\.blob.digest) == [layer.digest, upper.digest])
        #expect(image.layers.map(\.diffID) == [layer.diffID, upper.diffID])
    }

    @Test("an index has one image for each Linux platform")
    func index() async throws {
        let amd64 = try await shelf.putImage([layer])
        let arm64 = try await shelf.putImage([layer], more: ["architecture": "arm64"])
        let windows = try await shelf.putImage([layer], more: ["os": "windows"])
        let index = shelf.putIndex([
            .init(digest: amd64, platform: ["os": "linux", "architecture": "amd64"]),
            // Where the index is silent, the config says it.
            .init(digest: arm64), .init(digest: windows),
        ])
        #expect(try images(index) == ["amd64": amd64, "arm64": arm64])
    }

    @Test("of two images for one platform the first counts")
    func firstWins() async throws {
        let first = try await shelf.putImage([layer])
        let second = try await shelf.putImage([layer], more: ["author": "another"])
        let index = shelf.putIndex([.init(digest: first), .init(digest: second)])
        #expect(try images(index) == ["amd64": first])
    }

    @Test("an index in an index is looked into, but not for ever")
    func nested() async throws {
        let image = try await shelf.putImage([layer])
        var index = shelf.putIndex([.init(digest: image)])
        for _ in 0..<3 { index = shelf.putIndex([.init(digest: index)]) }
        #expect(try images(index) == ["amd64": image])
        #expect(code(shelf.putIndex([.init(digest: index)])) == .tooDeep)
    }

    @Test("attestations are no images")
    func attestations() async throws {
        let image = try await shelf.putImage([layer])
        let other = try await shelf.putImage([layer], more: ["architecture": "arm64"])
        let index = shelf.putIndex([
            .init(digest: image),
            .init(
                digest: other,
                annotations: ["vnd.docker.reference.type": "attestation-manifest"]
            ),
        ])
        #expect(try images(index) == ["amd64": image])
        let unknown = shelf.putIndex([
            .init(digest: other, platform: ["os": "unknown", "architecture": "unknown"])
        ])
        #expect(try reason(unknown)?.contains("no image for Linux") == true)
    }

    @Test("a sparse index shows the children that are there")
    func sparse() async throws {
        let image = try await shelf.putImage([layer])
        let missing = OCIDigest(of: [1])
        #expect(
            try images(shelf.putIndex([.init(digest: missing), .init(digest: image)])) == ["amd64": image]
        )
        #expect(try reason(shelf.putIndex([.init(digest: missing)])) != nil)
    }

    @Test(
        "charts, signatures and other artifacts have no file tree, and the reason names the type",
        arguments: [
            ("application/vnd.cncf.helm.config.v1+json", MediaType.ociLayer),
            (MediaType.empty, "text/plain"),
            (MediaType.ociConfig, "application/vnd.dev.cosign.simplesigning.v1+json"),
        ]
    )
    func artifacts(config: String, layer type: String) async throws {
        let digest = try await shelf.putManifest(
            config: Array("{}".utf8),
            configType: config,
            layers: [(type, try await shelf.putBlob([1]), 1)]
        )
        let odd = MediaType.isImageConfig(config) ? type : config
        #expect(try reason(digest)?.contains(odd) == true)
    }

    @Test("the withdrawn artifact manifest is none either")
    func artifactManifest() throws {
        let digest = shelf.putManifest(
            ["mediaType": MediaType.ociArtifact, "blobs": [Any]()],
            MediaType.ociArtifact
        )
        #expect(try reason(digest)?.contains("artifact") == true)
    }

    @Test("a config without diff ids is no image's")
    func noDiffIDs() async throws {
        let digest = try await shelf.putImage([layer], more: ["rootfs": [String: Any]()])
        #expect(try reason(digest)?.contains("diff_ids") == true)
    }

    @Test("every layer needs its diff id")
    func diffIDCount() async throws {
        let rootfs = ["type": "layers", "diff_ids": [String]()] as [String: Any]
        #expect(code(try await shelf.putImage([layer], more: ["rootfs": rootfs])) == .diffIDCount)
    }

    @Test("the number of layers is limited")
    func layerLimit() async throws {
        let digest = try await shelf.putImage([layer, layer, layer])
        #expect(code(digest, layerLimit: 3) == nil)
        #expect(code(digest, layerLimit: 2) == .tooManyLayers)
    }

    @Test("a manifest or config that is not there, or of another size, is an image's fault")
    func missingParts() async throws {
        #expect(code(OCIDigest(of: [1])) == .manifestMissing)
        func image(_ config: [String: Any]) -> OCIDigest {
            shelf.putManifest(
                [
                    "schemaVersion": 2, "mediaType": MediaType.ociManifest, "config": config,
                    "layers": [Any](),
                ],
                MediaType.ociManifest
            )
        }
        let type = MediaType.ociConfig
        #expect(code(image(ImageShelf.descriptor(type, OCIDigest(of: [2]), 1))) == .blobMissing)
        let config = try await shelf.putBlob(Array("{}".utf8))
        #expect(code(image(ImageShelf.descriptor(type, config, 3))) == .wrongSize)
        #expect(code(image(ImageShelf.descriptor(type, config, 8 << 20 | 1))) == .configTooLarge)
    }

    @Test("a manifest that has not its digest is refused")
    func damaged() async throws {
        let digest = try await shelf.putImage([layer])
        let bytes = try #require(shelf.manifests[digest]).bytes
        let reader = PublicationSubjectReader(
            lookup: { _ in (bytes + [UInt8(ascii: "\n")], MediaType.ociManifest) },
            hasBlob: { _ in true },
            blobs: BlobReader(storage: shelf.blobs),
            layerLimit: 127
        )
        #expect(throws: ImageProblem.self) { try reader.subject(digest) }
    }
}
