// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

package import Digests
internal import OCISpec

/// What a registry has that refers to the manifests of a tag: signatures, bills of materials, attestations.
package struct ImageReferrers: Hashable, Sendable {
    /// A manifest that refers to another, with those of its blobs that are small.
    package struct Referrer: Hashable, Sendable {
        package var digest: OCIDigest
        package var mediaType: String
        package var artifactType: String?
        package var annotations: [String: String]
        package var bytes: [UInt8]
        package var blobs: [OCIDigest: [UInt8]]
    }

    /// The manifest that the tag names.
    package var root: OCIDigest?
    /// By the manifest that is referred to, in the order of digests.
    package var bySubject: [OCIDigest: [Referrer]] = [:]
    /// Whether there is more than is kept.
    package var isCut = false

    package init() {}

    /// The files of an OCI image layout that holds the referrers of some manifests, and those of the referrers; none if there
    /// are none.
    ///
    /// The same referrers give the same bytes.
    /// - Source: OCI image specification 1.1, "image layout".
    func layout(of subjects: [OCIDigest]) throws -> [String: [UInt8]] {
        var (seen, referrers) = (Set<OCIDigest>(), [Referrer]())
        var pending = subjects
        while let subject = pending.popLast() {
            for referrer in bySubject[subject] ?? [] where seen.insert(referrer.digest).inserted {
                referrers.append(referrer)
                pending.append(referrer.digest)
            }
        }
        referrers.sort { $0.digest.description < $1.digest.description }
        guard !referrers.isEmpty else { return [:] }
        var files = ["oci-layout": Array(#"{"imageLayoutVersion":"1.0.0"}"#.utf8)]
        for referrer in referrers {
            files[Self.path(referrer.digest)] = referrer.bytes
            for (digest, bytes) in referrer.blobs { files[Self.path(digest)] = bytes }
        }
        files["index.json"] = try Self.index(of: referrers)
        return files
    }

    private static func path(_ digest: OCIDigest) -> String {
        "blobs/\(digest.algorithm.rawValue)/\(digest.encoded)"
    }

    private struct Index: Encodable {
        struct Entry: Encodable {
            var mediaType: String
            var digest: String
            var size: Int
            var artifactType: String?
            var annotations: [String: String]?
        }

        var schemaVersion = 2
        var mediaType = MediaType.ociIndex
        var manifests: [Entry]
    }

    private static func index(of referrers: [Referrer]) throws -> [UInt8] {
        let entries = referrers.map { referrer in
            Index.Entry(
                mediaType: referrer.mediaType,
                digest: referrer.digest.description,
                size: referrer.bytes.count,
                artifactType: referrer.artifactType,
                annotations: referrer.annotations.isEmpty ? nil : referrer.annotations
            )
        }
        return try StableJSON.bytes(Index(manifests: entries))
    }
}
