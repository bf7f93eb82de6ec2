// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

package import Digests
package import OCISpec

/// A repository of the registry.
///
/// It exists from the first push on.
package struct RepositoryRecord: Hashable, Sendable {
    /// The database's own number.
    package let id: Int64
    package let name: RepositoryName

    /// Joins the columns of a row.
    package init(id: Int64, name: RepositoryName) {
        self.id = id
        self.name = name
    }
}

/// A manifest within one repository.
///
/// Its bytes are what was pushed.
package struct ManifestRecord: Hashable, Sendable {
    package var digest: OCIDigest
    package var mediaType: String
    package var artifactType: String?
    package var configType: String?
    /// The digest of the manifest that this one refers to.
    package var subject: OCIDigest?
    package var bytes: [UInt8]
    /// Whether a mark has found that nothing needs it: whoever relies on it must renew it.
    package var isUnreferenced = false

    /// Joins the columns of a row.
    package init(
        digest: OCIDigest,
        mediaType: String,
        artifactType: String?,
        configType: String?,
        subject: OCIDigest?,
        bytes: [UInt8]
    ) {
        self.digest = digest
        self.mediaType = mediaType
        self.artifactType = artifactType
        self.configType = configType
        self.subject = subject
        self.bytes = bytes
    }
}

/// What a manifest needs: one row for each config, layer, other blob, and child.
package struct ManifestReference: Hashable, Sendable {
    /// What the reference is for.
    package enum Kind: String, Sendable, CaseIterable {
        case config, layer, blob, child
    }

    package let digest: OCIDigest
    package let kind: Kind

    /// Joins the columns of a row.
    package init(_ kind: Kind, _ digest: OCIDigest) {
        self.kind = kind
        self.digest = digest
    }
}

/// An upload in progress, which belongs to the repository that opened it.
package struct UploadRecord: Hashable, Sendable {
    /// The name of the upload in the blob storage.
    package let id: String
    package let repository: RepositoryName
    /// When the last byte came, to within a minute or so.
    package var touched: Timestamp

    /// Joins the columns of a row.
    package init(id: String, repository: RepositoryName, touched: Timestamp) {
        self.id = id
        self.repository = repository
        self.touched = touched
    }
}
