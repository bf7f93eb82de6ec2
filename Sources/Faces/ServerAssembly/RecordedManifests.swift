// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import MetadataStoreSQLite
internal import RepositoryHTTP

/// Manifests as the database has them: the file is a mirror that is written after the swap.
struct RecordedManifests: PublishedManifestSource {
    let metadata: SQLiteMetadataStore
    /// For repositories that were copied here and have no record.
    let files: ManifestFiles

    func manifest(of repository: String) async throws -> [UInt8]? {
        if let manifest = try await metadata.publishedManifest(of: repository), !manifest.isEmpty {
            return manifest
        }
        return try await files.manifest(of: repository)
    }
}
