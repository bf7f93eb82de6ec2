// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import BlobStorage
internal import NIOCore
package import NIOPosix

/// Where the signed manifest that is valid now comes from.
package protocol PublishedManifestSource: Sendable {
    /// The content of `.cvmfspublished`; `nil` if there is no such repository, or it has no revision yet.
    ///
    /// Called for every poll of every client, so it must be quick.
    func manifest(of repository: String) async throws -> [UInt8]?
}

/// The manifests as files beside the objects, for repositories that nobody writes meanwhile.
package struct ManifestFiles: PublishedManifestSource {
    /// Manifests are a few hundred bytes; what is larger is none.
    private static let sizeLimitInBytes = 64 << 10

    private let directory: String
    private let files: PlainFiles

    /// Reads `<directory>/<repository>/.cvmfspublished` on `threads`.
    package init(directory: String, threads: NIOThreadPool) {
        self.directory = directory
        files = PlainFiles(threads: threads)
    }

    package func manifest(of repository: String) async throws -> [UInt8]? {
        guard let file = try await files.open("\(directory)/\(repository)/.cvmfspublished"),
            file.size <= Self.sizeLimitInBytes
        else { return nil }
        return Array(try await file.read(at: 0, count: Self.sizeLimitInBytes).readableBytesView)
    }
}
