// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

import BlobStorage
import Digests
import Foundation
import ImagePublishing
import NIOCore
import OCISpec

/// Blobs and manifests that tests put together, not yet pushed anywhere.
final class ImageShelf {
    let blobs = MemoryBlobStorage()
    private var present: Set<OCIDigest> = []
    private(set) var manifests: [OCIDigest: (bytes: [UInt8], mediaType: String)] = [:]

    /// A child of an index.
    struct Child {
        var digest: OCIDigest
        var platform: [String: String]?
        var annotations: [String: String] = [:]
    }

    /// The reader that publishers use, over this shelf.
    func reader(layerLimit: Int = 127) -> PublicationSubjectReader {
        let manifests = manifests
        return PublicationSubjectReader(
            lookup: { manifests[$0] },
            hasBlob: { [present] in present.contains($0) },
            blobs: BlobReader(storage: blobs),
            layerLimit: layerLimit
        )
    }

    @discardableResult
    func putBlob(_ bytes: [UInt8]) async throws -> OCIDigest {
        let digest = OCIDigest(of: bytes)
        present.insert(digest)
        var generator = SystemRandomNumberGenerator()
        _ = try await blobs.withUpload(UploadID(using: &generator)) { upload in
            try await upload.append(ByteBuffer(bytes: bytes))
            return try await upload.finish(as: digest)
        }
        return digest
    }

    /// Puts an image, its lowest layer first, and returns the digest of its manifest.
    ///
    /// `config` is the inner document of that name; `more` replaces members of the outer one.
    func putImage(
        _ layers: [TestLayer],
        config: [String: Any] = [:],
        more: [String: Any] = [:]
    ) async throws -> OCIDigest {
        for layer in layers { try await putBlob(layer.blob) }
        let document: [String: Any] = [
            "architecture": "amd64", "os": "linux", "created": "2026-01-02T03:04:05Z", "config": config,
            "rootfs": ["type": "layers", "diff_ids": layers.map(\.diffID.description)],
        ]
        return try await putManifest(
            config: Self.json(document.merging(more) { $1 }),
            layers: layers.map { ($0.mediaType, $0.digest, $0.blob.count) }
        )
    }

    /// Puts a manifest of the image's form with whatever config and layers.
    func putManifest(
        config: [UInt8],
        configType: String = MediaType.ociConfig,
        layers: [(type: String, digest: OCIDigest, size: Int)]
    ) async throws -> OCIDigest {
        let digest = try await putBlob(config)
        return putManifest(
            [
                "schemaVersion": 2, "mediaType": MediaType.ociManifest,
                "config": Self.descriptor(configType, digest, config.count),
                "layers": layers.map { Self.descriptor($0.type, $0.digest, $0.size) },
            ],
            MediaType.ociManifest
        )
    }

    /// Puts an index.
    func putIndex(_ children: [Child]) -> OCIDigest {
        let manifests: [[String: Any]] = children.map { child in
            let known = self.manifests[child.digest]
            var descriptor = Self.descriptor(
                known?.mediaType ?? MediaType.ociManifest,
                child.digest,
                known?.bytes.count ?? 1
            )
            descriptor["platform"] = child.platform
            if !child.annotations.isEmpty { descriptor["annotations"] = child.annotations }
            return descriptor
        }
        return putManifest(
            ["schemaVersion": 2, "mediaType": MediaType.ociIndex, "manifests": manifests],
            MediaType.ociIndex
        )
    }

    func putManifest(_ document: [String: Any], _ type: String) -> OCIDigest {
        let bytes = Self.json(document)
        let digest = OCIDigest(of: bytes)
        manifests[digest] = (bytes, type)
        return digest
    }

    static func descriptor(_ type: String, _ digest: OCIDigest, _ size: Int) -> [String: Any] {
        ["mediaType": type, "digest": digest.description, "size": size]
    }

    static func json(_ document: [String: Any]) -> [UInt8] {
        // What tests hand over is always JSON.
        (try? JSONSerialization.data(withJSONObject: document, options: [.sortedKeys])).map { [UInt8]($0) }
            ?? []
    }
}
