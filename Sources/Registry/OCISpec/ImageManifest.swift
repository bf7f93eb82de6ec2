// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

/// A manifest that names a config and layers: an image, or an artifact in an image's clothes.
///
/// - Source: OCI image specification 1.1, "image manifest"; Docker image manifest version 2, schema 2.
package struct ImageManifest: Hashable, Sendable {
    package var config: Descriptor
    /// Lowest first.
    package var layers: [Descriptor]
    package var artifactType: String?
    /// The manifest that this one refers to.
    package var subject: Descriptor?
    package var annotations: [String: String]

    init(_ fields: ManifestFields) throws(OCIProblem) {
        guard let config = try fields.descriptor("config") else {
            throw fields.problem("config", "is missing")
        }
        self.config = config
        guard fields.object.contains("layers") else { throw fields.problem("layers", "is missing") }
        // Some tools write an artifact without layers with `null`. In an image it is a trap: one reader sees no layers,
        // another one fails.
        layers = try fields.descriptors(
            "layers",
            null: MediaType.isImageConfig(config.mediaType) ? .refused : .empty
        )
        artifactType = try fields.string("artifactType")
        subject = try fields.descriptor("subject")
        annotations = try fields.strings("annotations")
    }

    /// What the artifact is: its own word, else the type of its config.
    package var effectiveArtifactType: String {
        if let artifactType, !artifactType.isEmpty { artifactType } else { config.mediaType }
    }
}

/// A manifest that names other manifests, one for each platform.
///
/// - Source: OCI image specification 1.1, "image index"; Docker manifest list.
package struct ImageIndex: Hashable, Sendable {
    package var manifests: [Descriptor]
    package var artifactType: String?
    /// The manifest that this one refers to.
    package var subject: Descriptor?
    package var annotations: [String: String]

    init(_ fields: ManifestFields) throws(OCIProblem) {
        guard fields.object.contains("manifests") else { throw fields.problem("manifests", "is missing") }
        manifests = try fields.descriptors("manifests", null: .empty)
        artifactType = try fields.string("artifactType")
        subject = try fields.descriptor("subject")
        annotations = try fields.strings("annotations")
    }
}
