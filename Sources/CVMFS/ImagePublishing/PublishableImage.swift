// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

package import Digests
internal import MetadataStore
package import OCISpec

/// An image whose parts are all there: what the publisher works on.
package struct PublishableImage: Sendable {
    /// A layer's blob and the hash of the tar stream inside.
    package struct Layer: Hashable, Sendable {
        package var blob: Descriptor
        package var diffID: OCIDigest
    }

    package var digest: OCIDigest
    package var manifestBytes: [UInt8]
    package var manifestType: String
    package var manifest: ImageManifest
    package var configBytes: [UInt8]
    package var config: ImageConfig
    /// The layers that make the tree, the lowest first.
    package var layers: [Layer]
    /// Layers whose content lies elsewhere by agreement and was not pushed: the tree is made without them.
    package var absentLayers: [OCIDigest] = []
}

/// What a tag's manifest turned out to be.
package enum PublicationSubject: Sendable {
    case image(PublishableImage)
    /// The images of an index, one for each platform.
    case index(bytes: [UInt8], images: [(platform: PlatformName, image: PublishableImage)])
    /// Nothing that has a file tree: stored, and not published.
    case notAnImage(reason: String)
}

/// Reads a tag's manifest, and the manifests and configs that it names.
///
/// - Source: OCI image specification 1.1, "image manifest", "image index", "image configuration".
package struct PublicationSubjectReader {
    /// The manifest of a digest as it was pushed; `nil` if the registry does not have it.
    package typealias ManifestLookup = (OCIDigest) throws -> (bytes: [UInt8], mediaType: String)?

    private let lookup: ManifestLookup
    private let hasBlob: (OCIDigest) throws -> Bool
    private let blobs: BlobReader
    private let layerLimit: Int

    /// Indexes in indexes are followed so deep; and there are at most so many images in one.
    private static let depthLimit = 4
    private static let imageLimit = 64
    private static let configLimit: Int64 = 8 << 20

    /// - Parameters:
    ///   - lookup: the repository's manifests.
    ///   - hasBlob: whether the repository has a blob; asked for layers that it may lack.
    ///   - blobs: the registry's blobs.
    ///   - layerLimit: an image with more layers is refused.
    package init(
        lookup: @escaping ManifestLookup,
        hasBlob: @escaping (OCIDigest) throws -> Bool,
        blobs: BlobReader,
        layerLimit: Int
    ) {
        self.lookup = lookup
        self.hasBlob = hasBlob
        self.blobs = blobs
        self.layerLimit = layerLimit
    }

    /// Reads the manifests of one repository of the registry.
    init(_ repository: RepositoryName, of store: any MetadataStore, blobs: BlobReader, layerLimit: Int) {
        self.init(
            lookup: { digest in
                try store.readBlocking { transaction in
                    guard let row = try transaction.repository(named: repository) else { return nil }
                    return try transaction.manifest(digest, in: row).map { ($0.bytes, $0.mediaType) }
                }
            },
            hasBlob: { digest in
                try store.readBlocking { transaction in
                    guard let row = try transaction.repository(named: repository) else { return false }
                    return try transaction.blobSize(digest, in: row) != nil
                }
            },
            blobs: blobs,
            layerLimit: layerLimit
        )
    }

    /// Classifies what a digest names.
    ///
    /// - Throws: `ImageProblem` for an image that is broken, `OCIProblem` for a manifest that cannot be read.
    package func subject(_ digest: OCIDigest) throws -> PublicationSubject {
        let (bytes, manifest) = try read(digest)
        switch manifest.content {
        case .artifact: return .notAnImage(reason: "it is an artifact, which has no file tree")
        case .image(let image):
            if let reason = Self.reasonNotToPublish(image) { return .notAnImage(reason: reason) }
            guard let publishable = try publishable(digest, bytes, manifest.mediaType, image) else {
                return .notAnImage(reason: "its config names no layers (rootfs.diff_ids)")
            }
            return .image(publishable)
        case .index:
            var images: [(platform: PlatformName, image: PublishableImage)] = []
            var seen: Set<OCIDigest> = []
            try collect(manifest, depth: 0, seen: &seen, into: &images)
            guard !images.isEmpty else { return .notAnImage(reason: "the index has no image for Linux") }
            return .index(bytes: bytes, images: images)
        }
    }

    private func collect(
        _ manifest: Manifest,
        depth: Int,
        seen: inout Set<OCIDigest>,
        into images: inout [(platform: PlatformName, image: PublishableImage)]
    ) throws {
        guard case .index(let index) = manifest.content else { return }
        guard depth < Self.depthLimit else {
            throw ImageProblem(.tooDeep, "the index holds indexes more than \(Self.depthLimit) deep")
        }
        for child in index.manifests where seen.insert(child.digest).inserted {
            guard Self.isAttestation(child) == false, Self.isManifest(child.mediaType) else { continue }
            // A sparse index may name children that were never pushed.
            guard try lookup(child.digest) != nil else { continue }
            let (bytes, inner) = try read(child.digest)
            switch inner.content {
            case .artifact: continue
            case .index: try collect(inner, depth: depth + 1, seen: &seen, into: &images)
            case .image(let image):
                guard Self.reasonNotToPublish(image) == nil,
                    let publishable = try publishable(child.digest, bytes, inner.mediaType, image),
                    let platform = PlatformName(child.platform ?? publishable.config.platform),
                    !images.contains(where: { $0.platform == platform })
                else { continue }
                guard images.count < Self.imageLimit else {
                    throw ImageProblem(.tooDeep, "the index holds more than \(Self.imageLimit) images")
                }
                images.append((platform, publishable))
            }
        }
    }

    private func publishable(
        _ digest: OCIDigest,
        _ bytes: [UInt8],
        _ type: String,
        _ image: ImageManifest
    ) throws -> PublishableImage? {
        guard image.layers.count <= layerLimit else {
            throw ImageProblem(
                .tooManyLayers,
                "the image has \(image.layers.count) layers, more than \(layerLimit)"
            )
        }
        let configBytes = try blobs.read(
            image.config.digest,
            size: image.config.sizeInBytes,
            limit: Self.configLimit
        )
        let config = try ImageConfig(parsing: configBytes)
        guard let diffIDs = config.diffIDs else { return nil }
        guard diffIDs.count == image.layers.count else {
            throw ImageProblem(
                .diffIDCount,
                "the image has \(image.layers.count) layers, but its config names \(diffIDs.count) diff ids",
                remedy: "build and push the image again"
            )
        }
        let layers = zip(image.layers, diffIDs).map { PublishableImage.Layer(blob: $0, diffID: $1) }
        let absent = try layers.filter { try $0.blob.isForeign && !hasBlob($0.blob.digest) }
        return PublishableImage(
            digest: digest,
            manifestBytes: bytes,
            manifestType: type,
            manifest: image,
            configBytes: configBytes,
            config: config,
            layers: layers.filter { !absent.contains($0) },
            absentLayers: absent.map(\.blob.digest)
        )
    }

    private func read(_ digest: OCIDigest) throws -> ([UInt8], Manifest) {
        guard let (bytes, type) = try lookup(digest) else {
            throw ImageProblem(.manifestMissing, "the manifest \(digest) is not in the registry")
        }
        guard OCIDigest(digest.algorithm, of: bytes) == digest else {
            throw ImageProblem(
                .manifestDamaged,
                "the manifest \(digest) is damaged in the registry's database",
                remedy: "push the image again"
            )
        }
        return (bytes, try Manifest(parsing: bytes, declaredType: type))
    }

    private static func reasonNotToPublish(_ image: ImageManifest) -> String? {
        guard MediaType.isImageConfig(image.config.mediaType) else {
            return "its config is of the type \(image.config.mediaType), which is no image's"
        }
        if let other = image.layers.first(where: { !MediaType.isLayer($0.mediaType) }) {
            return "it has a layer of the type \(other.mediaType), which is no archive"
        }
        return nil
    }

    private static func isManifest(_ type: String) -> Bool {
        [MediaType.ociManifest, MediaType.ociIndex, MediaType.dockerManifest, MediaType.dockerList].contains(
            type
        )
    }

    /// Build tools add attestations to an index as images of no platform.
    private static func isAttestation(_ child: Descriptor) -> Bool {
        child.annotations["vnd.docker.reference.type"] != nil || child.platform?.os == "unknown"
    }
}
