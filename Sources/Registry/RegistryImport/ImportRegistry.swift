// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

package import BlobStorage
internal import Digests
package import MetadataStore
internal import OCISpec

/// Takes over everything that another registry's storage holds: blobs, manifests, indexes, tags, and what refers to them.
///
/// Every byte is hashed before it counts. Each manifest is stored together with its blobs in one transaction, children
/// before their index, tags last; so an import that was killed can be run again, and does only what is left. Needs the
/// data directory for itself. All calls block.
package struct ImportRegistry: Sendable {
    private let source: any ImportSource
    private let target: ImportTarget
    private let options: Options

    /// What the administrator decides.
    package struct Options: Sendable {
        /// Whether an index may name children that the source does not have.
        package var allowsSparseIndexes = false
        /// Whether tags that exist here stay as they are; else they follow the source.
        package var keepsTags = false
        package var manifestSizeLimitInBytes = 4 << 20

        /// The careful ones.
        package init() {}
    }

    /// Joins the parts.
    package init(
        _ source: any ImportSource,
        blobs: DirectoryBlobStorage,
        metadata: any MetadataStore,
        now: @escaping @Sendable () -> Timestamp,
        options: Options
    ) {
        self.source = source
        target = ImportTarget(blobs: blobs, metadata: metadata, now: now)
        self.options = options
    }

    /// Imports everything.
    ///
    /// - Parameter onProgress: called often, with the repository that is being imported.
    /// - Returns: what was done; what was refused is no error.
    /// - Throws: `ImportProblem` if nothing can be read; what the stores throw, after which it can be run again.
    package func callAsFunction(onProgress: @escaping (String, ImportReport) -> Void) throws -> ImportReport {
        var report = ImportReport()
        for repository in try source.repositories() {
            guard let name = RepositoryName(repository.name) else {
                report.refused.append(
                    ImportReport.Refusal(
                        repository: repository.name,
                        subject: "repository",
                        reason: "its name breaks the grammar of the distribution specification"
                    )
                )
                continue
            }
            report.repositories += 1
            let one = RepositoryImport(
                repository,
                as: name,
                from: source,
                to: target,
                options: options,
                report: report,
                onProgress: onProgress
            )
            try one.run()
            report = one.report
        }
        return report
    }
}

/// Where imports go.
struct ImportTarget: Sendable {
    let blobs: DirectoryBlobStorage
    let metadata: any MetadataStore
    let now: @Sendable () -> Timestamp
}
