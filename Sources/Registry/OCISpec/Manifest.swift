// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

/// A manifest that was checked, with the type under which it is stored and served.
///
/// The bytes that were pushed are what counts: this is a view of them, never written back.
package struct Manifest: Hashable, Sendable {
    /// What the manifest is.
    package enum Content: Hashable, Sendable {
        case image(ImageManifest)
        case index(ImageIndex)
        /// The withdrawn artifact manifest: blobs without a config.
        case artifact(
            blobs: [Descriptor],
            artifactType: String?,
            subject: Descriptor?,
            annotations: [String: String]
        )
    }

    /// The stored `Content-Type`.
    package let mediaType: String
    package let content: Content

    /// The most bytes that a manifest may have unless the configuration says otherwise.
    package static let defaultSizeLimit = 4 << 20

    /// Reads and checks a manifest.
    ///
    /// `declaredType` is the request's `Content-Type`; where it is absent, or says only "JSON", the document's own
    /// `mediaType` or its shape decides.
    /// - Throws: `invalidJSON`, or `invalidManifest` for a document that two readers could understand differently: both
    ///   `layers` and `manifests`, a `mediaType` other than the declared one, a member that differs from a known one
    ///   only in case, `null` in place of an image's layers.
    package init(
        parsing bytes: [UInt8],
        declaredType: String?,
        sizeLimit: Int = Self.defaultSizeLimit
    ) throws(OCIProblem) {
        guard bytes.count <= sizeLimit else {
            throw OCIProblem(
                .manifestTooLarge,
                "the manifest has \(bytes.count) bytes, more than \(sizeLimit)"
            )
        }
        let fields = try ManifestFields(JSONValue(parsing: bytes), at: "manifest")
        try Self.refuseAmbiguity(fields)
        mediaType = try Self.mediaType(of: fields, declaredType: declaredType)
        switch mediaType {
        case MediaType.ociManifest, MediaType.dockerManifest:
            try Self.refuse(fields, member: "manifests")
            content = .image(try ImageManifest(fields))
        case MediaType.ociIndex, MediaType.dockerList:
            try Self.refuse(fields, member: "layers")
            content = .index(try ImageIndex(fields))
        case MediaType.ociArtifact:
            content = .artifact(
                blobs: try fields.descriptors("blobs"),
                artifactType: try fields.string("artifactType"),
                subject: try fields.descriptor("subject"),
                annotations: try fields.strings("annotations")
            )
        case _ where MediaType.schema1.contains(mediaType):
            throw OCIProblem(.invalidManifest, "Docker schema 1 is not supported; push with a current client")
        default:
            throw OCIProblem(.invalidManifest, "'\(mediaType)' is not a type of manifest that is supported")
        }
    }

    /// The manifest that this one refers to.
    package var subject: Descriptor? {
        switch content {
        case .image(let image): image.subject
        case .index(let index): index.subject
        case .artifact(_, _, let subject, _): subject
        }
    }

    /// The type by which referrers are filtered.
    package var artifactType: String? {
        switch content {
        case .image(let image): image.effectiveArtifactType
        case .index(let index): index.artifactType
        case .artifact(_, let type, _, _): type
        }
    }

    /// The type of the config, where there is one.
    package var configType: String? {
        if case .image(let image) = content { image.config.mediaType } else { nil }
    }

    /// The notes of the manifest itself.
    package var annotations: [String: String] {
        switch content {
        case .image(let image): image.annotations
        case .index(let index): index.annotations
        case .artifact(_, _, _, let annotations): annotations
        }
    }

    // MARK: Checks

    /// Names that steer a reader.
    ///
    /// Go's decoder matches them in any case, so `Layers` beside `layers` would be a second truth.
    private static let steeringNames: Set<String> = [
        "schemaversion", "mediatype", "config", "layers", "manifests", "subject", "artifacttype", "blobs",
    ]

    private static let exactNames: Set<String> = [
        "schemaVersion", "mediaType", "config", "layers", "manifests", "subject", "artifactType", "blobs",
    ]

    private static func refuseAmbiguity(_ fields: ManifestFields) throws(OCIProblem) {
        for name in fields.object.names
        where steeringNames.contains(name.lowercased()) && !exactNames.contains(name) {
            throw fields.problem(name, "differs from a known member only in case")
        }
        guard !(fields.object.contains("layers") && fields.object.contains("manifests")) else {
            throw OCIProblem(.invalidManifest, "the manifest has both layers and manifests")
        }
    }

    private static func refuse(_ fields: ManifestFields, member name: String) throws(OCIProblem) {
        guard !fields.object.contains(name) else {
            throw fields.problem(name, "does not belong into a manifest of this type")
        }
    }

    private static func mediaType(
        of fields: ManifestFields,
        declaredType: String?
    ) throws(OCIProblem) -> String {
        let own = try fields.string("mediaType")
        var declared = declaredType.map { MediaType.essence(of: $0) }
        if declared == "application/json" || declared == "application/octet-stream" || declared == "" {
            declared = nil
        }
        if let own, let declared, own != declared {
            throw fields.problem("mediaType", "is '\(own)', but the request says '\(declared)'")
        }
        let type = declared ?? own ?? shape(of: fields)
        if !MediaType.schema1.contains(type) {
            guard fields.object["schemaVersion"]?.integer == 2 || type == MediaType.ociArtifact else {
                throw fields.problem("schemaVersion", "is not 2")
            }
        }
        return type
    }

    private static func shape(of fields: ManifestFields) -> String {
        fields.object.contains("manifests") ? MediaType.ociIndex : MediaType.ociManifest
    }
}
