// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import Digests
internal import FileTree
internal import Foundation
internal import OCISpec

/// The additional image store for podman: what stands where below `/podmanStore`, and the two lists that podman reads at
/// each start.
///
/// ```
/// overlay/<layer>/{diff,link}         one layer for an image: a link to its flat tree
/// overlay/l/<short name>              link to it, for mount options that must be short
/// overlay-images/images.json          all images with their names
/// overlay-images/<config digest>/     manifest and config as they were pushed
/// overlay-layers/layers.json          all layers
/// ```
/// The flat tree as the one layer is what today's tools write, and what podman runs soonest: one mount of one directory.
/// Every digest is stated, so that podman finds an image by digest and never reads a manifest again.
/// - Source: unpacked-images B.6; containers/storage, `images.go`, `layers.go`, `drivers/overlay`.
enum PodmanStore {
    static let root = TreePath("podmanStore")
    static let images = TreePath("podmanStore/overlay-images/images.json")
    static let layers = TreePath("podmanStore/overlay-layers/layers.json")
    /// Opened for reading by podman, which fails without them.
    static let locks = [
        TreePath("podmanStore/overlay-images/images.lock"),
        TreePath("podmanStore/overlay-layers/layers.lock"),
    ]
    static let shortNames = TreePath("podmanStore/overlay/l")

    /// An image in `images.json`.
    struct Image: Codable, Hashable {
        var id: String
        var digest: String
        var names: [String]
        var layer: String
        var created: String
        var metadata = "{}"
        var bigDataNames: [String]
        var bigDataSizes: [String: Int]
        var bigDataDigests: [String: String]

        enum CodingKeys: String, CodingKey {
            case id, digest, names, layer, created, metadata
            case bigDataNames = "big-data-names"
            case bigDataSizes = "big-data-sizes"
            case bigDataDigests = "big-data-digests"
        }

        init(_ image: PublishableImage, names: [String]) {
            let config = image.manifest.config.digest
            id = config.encoded
            // The store knows manifests by SHA-256 alone.
            digest = OCIDigest(of: image.manifestBytes).description
            self.names = names
            layer = PodmanStore.layer(of: config)
            created = PodmanStore.date(image)
            bigDataNames = ["manifest", config.description]
            bigDataSizes = [
                "manifest": image.manifestBytes.count, config.description: image.configBytes.count,
            ]
            bigDataDigests = ["manifest": digest, config.description: config.description]
        }
    }

    /// A layer in `layers.json`.
    ///
    /// The digests are not those of any archive: the tree was never one. podman wants some, and compares them with nothing.
    struct Layer: Codable, Hashable {
        var id: String
        var created: String
        var compressedDiffDigest: String
        var compressedSize: Int64
        var diffDigest: String
        var diffSize: Int64

        enum CodingKeys: String, CodingKey {
            case id, created
            case compressedDiffDigest = "compressed-diff-digest"
            case compressedSize = "compressed-size"
            case diffDigest = "diff-digest"
            case diffSize = "diff-size"
        }

        init(_ image: PublishableImage, size: Int64) {
            id = PodmanStore.layer(of: image.manifest.config.digest)
            created = PodmanStore.date(image)
            compressedDiffDigest = "sha256:" + id
            compressedSize = image.manifest.layers.reduce(0) { $0.saturatingSum($1.sizeInBytes) }
            diffDigest = "sha256:" + id
            diffSize = size
        }

        /// A layer as it was pushed, for the record beside its tree.
        init(_ layer: PublishableImage.Layer, size: Int64) {
            id = layer.diffID.encoded
            // A layer has no date of its own, and that of an image would depend on the order of pushes.
            created = "1970-01-01T00:00:00Z"
            compressedDiffDigest = layer.blob.digest.description
            compressedSize = layer.blob.sizeInBytes
            diffDigest = layer.diffID.description
            diffSize = size
        }
    }

    /// The id of the one layer of an image.
    static func layer(of config: OCIDigest) -> String {
        Hexadecimal.text(
            of: IncrementalDigest.digest(.sha256, of: Array("cvmfs-flat-layer:\(config.encoded)".utf8))
        )
    }

    /// The name of a layer that is short enough for the options of a mount: 26 characters of base 32.
    static func shortName(of layer: String) -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")
        let digest = IncrementalDigest.digest(.sha256, of: Array("short:\(layer)".utf8))
        return String(digest.prefix(26).map { alphabet[Int($0 & 31)] })
    }

    static func directory(ofLayer layer: String) -> TreePath { TreePath("podmanStore/overlay/\(layer)") }

    static func directory(of config: OCIDigest) -> TreePath { directory(ofImage: config.encoded) }

    static func directory(ofImage id: String) -> TreePath { TreePath("podmanStore/overlay-images/\(id)") }

    /// The file name of an image's config: keys with other characters than lower-case letters, digits and dots are encoded.
    static func fileName(ofKey key: String) -> String {
        "=" + Data(key.utf8).base64EncodedString()
    }

    /// Whether a directory of the store begins a catalog.
    static func ownsCatalog(_ path: TreePath) -> Bool {
        let depth = path.components.count
        return depth <= 2 && path.components.first == root.bytes
    }

    /// The config's own date, which is the same at every publication.
    private static func date(_ image: PublishableImage) -> String {
        let seconds = ImageTreeBuilder.seconds(of: image.config.created)
        return ISO8601DateFormatter().string(from: Date(timeIntervalSince1970: TimeInterval(seconds)))
    }
}

extension Int64 {
    /// The sum, or the greatest number if it is greater: sizes come from manifests, which can say anything.
    fileprivate func saturatingSum(_ other: Int64) -> Int64 {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? .max : sum
    }
}
