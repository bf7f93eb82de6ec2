// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

package import Digests

/// A typed, sized and hashed pointer to a content.
///
/// - Source: OCI image specification 1.1, "content descriptors".
package struct Descriptor: Hashable, Sendable {
    /// What the content is.
    package var mediaType: String
    /// The hash of the content.
    package var digest: OCIDigest
    /// How many bytes the content has; never negative.
    package var sizeInBytes: Int64
    /// The type of an artifact, where the descriptor points to one.
    package var artifactType: String?
    /// Where an index's child runs.
    package var platform: Platform?
    /// Notes for people and tools.
    package var annotations: [String: String]
    /// Whether the content may be fetched from elsewhere, and so may be missing here.
    ///
    /// Wharf never follows the URLs.
    package var isForeign: Bool

    /// Joins the parts that every descriptor has.
    package init(mediaType: String, digest: OCIDigest, sizeInBytes: Int64) {
        self.mediaType = mediaType
        self.digest = digest
        self.sizeInBytes = sizeInBytes
        annotations = [:]
        isForeign = false
    }

    /// Reads a descriptor within a manifest; `place` names it in errors.
    init(_ value: JSONValue, at place: String) throws(OCIProblem) {
        let fields = try ManifestFields(value, at: place)
        mediaType = try fields.string("mediaType") ?? ""
        guard !mediaType.isEmpty else { throw fields.problem("mediaType", "is missing") }
        guard let text = try fields.string("digest") else { throw fields.problem("digest", "is missing") }
        guard let digest = OCIDigest(text) else {
            throw fields.problem("digest", "is malformed or of another algorithm")
        }
        self.digest = digest
        guard let size = try fields.size("size") else { throw fields.problem("size", "is missing") }
        sizeInBytes = size
        artifactType = try fields.string("artifactType")
        platform = try fields.object("platform").map { (object) throws(OCIProblem) in
            try Platform(object, at: "\(place).platform")
        }
        annotations = try fields.strings("annotations")
        isForeign = fields.object["urls"]?.array?.isEmpty == false || MediaType.isNondistributable(mediaType)
    }
}

/// The machine that an image is made for.
package struct Platform: Hashable, Sendable, CustomStringConvertible {
    package var architecture: String
    package var os: String
    package var variant: String?

    /// Joins the parts.
    package init(architecture: String, os: String, variant: String? = nil) {
        self.architecture = architecture
        self.os = os
        self.variant = variant
    }

    /// Reads an index's `platform`; values are free text.
    init(_ value: JSONValue, at place: String) throws(OCIProblem) {
        let fields = try ManifestFields(value, at: place)
        architecture = try fields.string("architecture") ?? ""
        os = try fields.string("os") ?? ""
        variant = try fields.string("variant")
    }

    package var description: String {
        variant.map { "\(os)/\(architecture)/\($0)" } ?? "\(os)/\(architecture)"
    }
}
