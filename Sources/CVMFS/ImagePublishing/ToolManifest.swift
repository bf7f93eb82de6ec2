// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import Digests
internal import Foundation
internal import OCISpec

/// The manifest in the form in which today's tools write and read `manifest.json`.
///
/// - Source: unpacked-images B.2: a subset with capitalised keys.
struct ToolManifest: Encodable {
    struct Part: Encodable {
        var mediaType: String
        var size: Int64
        var digest: String

        enum CodingKeys: String, CodingKey {
            case mediaType = "MediaType"
            case size = "Size"
            case digest = "Digest"
        }

        init(_ descriptor: Descriptor) {
            mediaType = descriptor.mediaType
            size = descriptor.sizeInBytes
            digest = descriptor.digest.description
        }
    }

    var schemaVersion = 2
    var mediaType: String
    var config: Part
    var layers: [Part]

    enum CodingKeys: String, CodingKey {
        case schemaVersion = "SchemaVersion"
        case mediaType = "MediaType"
        case config = "Config"
        case layers = "Layers"
    }

    init(_ image: PublishableImage) {
        mediaType = image.manifestType
        config = Part(image.manifest.config)
        layers = image.manifest.layers.map { Part($0) }
    }

    var json: [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Encoding strings and numbers cannot fail.
        return (try? encoder.encode(self)).map { [UInt8]($0) } ?? []
    }
}
