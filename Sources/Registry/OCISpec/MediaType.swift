// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

/// The media types that the registry knows; all others are stored and returned unread.
///
/// - Source: OCI image specification 1.1, "media types"; Docker image manifest version 2, schema 2.
package enum MediaType {
    package static let ociManifest = "application/vnd.oci.image.manifest.v1+json"
    package static let ociIndex = "application/vnd.oci.image.index.v1+json"
    package static let dockerManifest = "application/vnd.docker.distribution.manifest.v2+json"
    package static let dockerList = "application/vnd.docker.distribution.manifest.list.v2+json"
    /// Withdrawn before OCI 1.1, still pushed by old tools.
    package static let ociArtifact = "application/vnd.oci.artifact.manifest.v1+json"

    package static let ociConfig = "application/vnd.oci.image.config.v1+json"
    package static let dockerConfig = "application/vnd.docker.container.image.v1+json"
    package static let empty = "application/vnd.oci.empty.v1+json"

    package static let ociLayer = "application/vnd.oci.image.layer.v1.tar"
    package static let dockerLayer = "application/vnd.docker.image.rootfs.diff.tar"

    /// Schema 1, which every current client has dropped.
    package static let schema1: Set<String> = [
        "application/vnd.docker.distribution.manifest.v1+json",
        "application/vnd.docker.distribution.manifest.v1+prettyjws",
    ]

    /// Whether a document of this type is a manifest or an index.
    package static func isManifest(_ type: String) -> Bool {
        [ociManifest, ociIndex, dockerManifest, dockerList, ociArtifact].contains(type)
            || schema1.contains(type)
    }

    /// Whether a config of this type describes a container image.
    package static func isImageConfig(_ type: String) -> Bool {
        type == ociConfig || type == dockerConfig
    }

    /// Whether a layer of this type is a tar archive, plain or compressed, that may be unpacked.
    package static func isLayer(_ type: String) -> Bool {
        layers.contains(type) || nondistributableLayers.contains(type)
    }

    /// Whether a registry may lack this layer: its content lies elsewhere by agreement.
    package static func isNondistributable(_ type: String) -> Bool { nondistributableLayers.contains(type) }

    /// The type without its parameters, in lower case: `Application/JSON; charset=utf-8` → `application/json`.
    package static func essence(of header: String) -> String {
        let type = header.prefix { $0 != ";" }
        return String(
            type.drop { $0 == " " || $0 == "\t" }.reversed().drop { $0 == " " || $0 == "\t" }.reversed()
        )
        .lowercased()
    }

    private static let layers: Set<String> = [
        ociLayer, ociLayer + "+gzip", ociLayer + "+zstd",
        dockerLayer, dockerLayer + ".gzip", dockerLayer + ".zstd",
    ]

    private static let nondistributableLayers: Set<String> = [
        "application/vnd.oci.image.layer.nondistributable.v1.tar",
        "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip",
        "application/vnd.oci.image.layer.nondistributable.v1.tar+zstd",
        "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip",
    ]
}
