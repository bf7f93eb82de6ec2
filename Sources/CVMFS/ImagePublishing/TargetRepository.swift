// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CVMFSFormat
internal import CVMFSPublisher
internal import Digests
internal import MetadataStore
internal import OCISpec
internal import Telemetry
internal import Tracing

/// A CVMFS repository that shows images, open for writing: puts many tags into one revision.
///
/// Not safe to use from two threads, except for `ingest`.
final class TargetRepository {
    /// What the tree is to show for a tag.
    enum Change {
        case show(PublicationSubject, PublicationExtras)
        case remove
    }

    /// What became of a tag in a revision.
    enum Result {
        case shown(warnings: [PublicationWarning])
        case removed
        /// The image is at fault; the tree shows what it showed before.
        case refused(any Error)
    }

    let publisher: RepositoryPublisher
    let ingest: LayerIngest
    private let publication: ImagePublication
    private let podmanImageLimit: Int

    /// Makes a writer whose store for podman lists at most so many images.
    init(publisher: RepositoryPublisher, ingest: LayerIngest, layout: TreeLayout, podmanImageLimit: Int) {
        self.podmanImageLimit = podmanImageLimit
        self.publisher = publisher
        self.ingest = ingest
        publication = ImagePublication(
            layout: layout,
            publisher: publisher,
            builder: ImageTreeBuilder(publisher: publisher)
        )
    }

    /// Publishes changes as one revision; what is refused leaves the others alone.
    ///
    /// All layers must have been ingested.
    /// - Returns: what became of each change, in their order, and the revision that shows it.
    /// - Throws: whatever is no image's fault; then nothing of the changes is published.
    func publish(
        _ changes: [(repository: RepositoryName, tag: TagName, change: Change)],
        now: Int64
    ) throws -> (results: [Result], revision: UInt64) {
        let editor = try publisher.edit(now: now)
        let podman = try PodmanStoreEditor(editor, limit: podmanImageLimit)
        var results: [Result] = []
        for (repository, tag, change) in changes {
            switch change {
            case .remove:
                try publication.remove(repository, tag, in: editor, podman)
                results.append(.removed)
            case .show(let subject, let extras):
                results.append(try show(subject, as: repository, tag, extras, in: editor, podman))
            }
        }
        try podman.finish()
        return (results, try withSpan(SpanName.commit) { _ in try publisher.commit(editor).revision })
    }

    private func show(
        _ subject: PublicationSubject,
        as repository: RepositoryName,
        _ tag: TagName,
        _ extras: PublicationExtras,
        in editor: CatalogEditor,
        _ podman: PodmanStoreEditor
    ) throws -> Result {
        try withSpan(SpanName.publishImage) { span in
            if span.isRecording {
                span.attributes[LogKey.repositoryName.name] = "\(repository)"
                span.attributes[LogKey.imageTag.name] = "\(tag)"
            }
            let prepared: PreparedImages
            do {
                prepared = try publication.prepare(subject, as: repository, tag, extras, in: editor)
            } catch let problem where ImageFault.isOne(problem) {
                return .refused(problem)
            }
            let warnings = try publication.show(prepared, as: repository, tag, extras, in: editor, podman)
            return .shown(warnings: warnings)
        }
    }
}
