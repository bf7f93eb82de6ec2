// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

package import BlobStorage
internal import CVMFSFormat
internal import CVMFSPublisher
internal import Digests
internal import FileTree
package import MetadataStore
package import OCISpec

/// Answers questions about published images, beside the publisher and without its lease.
///
/// All calls block.
package struct ImageInspector: Sendable {
    private let data: String
    private let store: any MetadataStore
    private let records: any PublishedRepositories
    private let storage: any BlobStorage
    private let layerLimit: Int

    /// Asks about what is published from a data directory.
    package init(
        data: String,
        store: any MetadataStore,
        records: any PublishedRepositories,
        storage: any BlobStorage,
        layerLimit: Int
    ) {
        self.data = data
        self.store = store
        self.records = records
        self.storage = storage
        self.layerLimit = layerLimit
    }

    /// The differences between a published tag and its layers, for an index those of each platform.
    ///
    /// - Throws: `manifestMissing` if the tag is not published.
    package func difference(_ repository: RepositoryName, _ tag: TagName) throws -> [String] {
        guard let record = try store.readBlocking({ try $0.publication(of: repository, tag: tag) }),
            let digest = record.digest, record.state == .published,
            let home = record.publishedRepository.flatMap({ RepositoryFQRN($0) })
        else {
            throw ImageProblem(
                .manifestMissing,
                "\(repository):\(tag) is not published",
                remedy: "see 'wharf image status'"
            )
        }
        let reader = PublicationSubjectReader(
            repository,
            of: store,
            blobs: BlobReader(storage: storage),
            layerLimit: layerLimit
        )
        switch try reader.subject(digest) {
        case .notAnImage: return []
        case .image(let image): return try difference(image, in: home)
        case .index(_, let images):
            return try images.flatMap { platform, image in
                // The rules of the project may leave out platforms.
                try difference(image, in: home, mayLack: true).map { "\(platform): \($0)" }
            }
        }
    }

    private func difference(
        _ image: PublishableImage,
        in home: RepositoryFQRN,
        mayLack: Bool = false
    ) throws -> [String] {
        let location = RepositoryLocation(data: data, name: home)
        guard let record = try records.record(of: location.name.name), record.revision > 0 else { return [] }
        let manifest = try PublishedManifest(text: SignedLetter(record.manifest).text)
        let objects = ObjectStore(location: location, algorithm: record.algorithm)
        let published = try PublishedTree(objects: objects, rootCatalog: manifest.rootCatalog)
        let base = TreeLayout.flatTree(image.manifest.config.digest)
        if mayLack, try published.entry(at: base) == nil { return [] }
        let tree = try ImageTreeBuilder.merge(image.layers.map(\.diffID), of: location)
        return try ImageDifference(tree: tree, published: published, base: base)
            .lines()
    }
}
