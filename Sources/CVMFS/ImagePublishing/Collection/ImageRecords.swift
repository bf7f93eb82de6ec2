// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CVMFSPublisher
internal import Digests
internal import OCISpec

/// What the configs and manifests that lie in a published tree say of layers.
///
/// Each is read once: objects never change, so a second look at a tree that has moved on reads only what is new.
struct ImageRecords: Sendable {
    /// By object; an empty optional for what cannot be read.
    private var diffIDs: [ContentHash: [OCIDigest]?] = [:]
    private var blobs: [ContentHash: [OCIDigest]?] = [:]

    private static let sizeLimit = 16 << 20

    /// The layers of an image's config by their diff ids; `nil` if it cannot be read.
    mutating func layers(ofConfig config: ContentHash, in objects: ObjectStore) -> [OCIDigest]? {
        if let known = diffIDs[config] { return known }
        // Whatever the reason, nobody knows then what is needed, and everything stays.
        let found = (try? objects.read(config, .file, limit: Self.sizeLimit))
            .flatMap { try? ImageConfig(parsing: $0).diffIDs }
        diffIDs[config] = .some(found)
        return found
    }

    /// The layers of an image's manifest by the digests of their blobs; `nil` if it cannot be read.
    mutating func layers(ofManifest manifest: ContentHash, in objects: ObjectStore) -> [OCIDigest]? {
        if let known = blobs[manifest] { return known }
        // As above.
        let bytes = try? objects.read(manifest, .file, limit: Self.sizeLimit)
        let content = bytes.flatMap {
            try? Manifest(parsing: $0, declaredType: nil, sizeLimit: Self.sizeLimit).content
        }
        var found: [OCIDigest]?
        if case .image(let image) = content { found = image.layers.map(\.digest) }
        blobs[manifest] = .some(found)
        return found
    }
}
