// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

package import OCISpec

/// What a URL below `/v2` names.
///
/// Paths are read from the right, because a repository may itself be called `blobs`, `manifests` or `tags/list`. Names,
/// digests and references stay text: what is wrong with them is for the endpoint to say.
/// - Source: OCI distribution specification 1.1, "endpoints".
package enum RegistryRoute: Hashable, Sendable {
    /// `/v2/`
    case ping
    /// `/v2/_catalog`
    case catalog
    /// `/v2/<name>/tags/list`
    case tags(RepositoryName)
    /// `/v2/<name>/blobs/uploads/`
    case uploads(RepositoryName)
    /// `/v2/<name>/blobs/uploads/<id>`
    case upload(RepositoryName, id: String)
    /// `/v2/<name>/blobs/<digest>`
    case blob(RepositoryName, digest: String)
    /// `/v2/<name>/manifests/<reference>`
    case manifest(RepositoryName, reference: String)
    /// `/v2/<name>/referrers/<digest>`
    case referrers(RepositoryName, digest: String)

    /// Reads the segments after `/v2`.
    ///
    /// - Throws: `invalidName` if a route is recognised but the repository's name breaks the grammar. `nil` means that no
    ///   route is recognised.
    package init?(segments: some BidirectionalCollection<String>) throws(OCIProblem) {
        let parts = Array(segments)
        switch parts {
        case [], [""]:
            self = .ping
            return
        case ["_catalog"]:
            self = .catalog
            return
        default: break
        }
        let last = parts[parts.count - 1]
        let beforeLast = parts.count >= 2 ? parts[parts.count - 2] : ""
        let third = parts.count >= 3 ? parts[parts.count - 3] : ""
        switch (third, beforeLast, last) {
        case (_, "tags", "list"): self = .tags(try Self.name(parts.dropLast(2)))
        case ("blobs", "uploads", ""): self = .uploads(try Self.name(parts.dropLast(3)))
        case (_, "blobs", "uploads"): self = .uploads(try Self.name(parts.dropLast(2)))
        case ("blobs", "uploads", _): self = .upload(try Self.name(parts.dropLast(3)), id: last)
        case (_, "blobs", _): self = .blob(try Self.name(parts.dropLast(2)), digest: last)
        case (_, "manifests", _): self = .manifest(try Self.name(parts.dropLast(2)), reference: last)
        case (_, "referrers", _): self = .referrers(try Self.name(parts.dropLast(2)), digest: last)
        default: return nil
        }
    }

    private static func name(_ parts: ArraySlice<String>) throws(OCIProblem) -> RepositoryName {
        guard let name = RepositoryName(parts.joined(separator: "/")) else {
            throw OCIProblem(.invalidName, "the repository name breaks the grammar")
        }
        return name
    }
}
