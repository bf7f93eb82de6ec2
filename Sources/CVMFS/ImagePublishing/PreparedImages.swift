// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CVMFSPublisher
internal import MetadataStore

/// An image whose tree is in the repository, or is written and waits to be grafted.
struct PreparedImage {
    let image: PublishableImage
    let fidelity: Fidelity
    /// `nil` if the transaction shows the tree already.
    let tree: WrittenTree?
    /// The layers one by one, where they are to be shown.
    var layers: PreparedLayers?

    /// What the trees cannot say.
    var warnings: [PublicationWarning] {
        image.absentLayers.map { PublicationWarning(kind: "foreign-layer-absent", path: "\($0)") }
            + fidelity.warnings + (layers?.warnings ?? [])
    }
}

/// What a tag is about to show.
enum PreparedImages {
    case none
    case image(PreparedImage)
    /// The images of an index, one for each platform; never empty.
    case index(bytes: [UInt8], images: [(platform: PlatformName, image: PreparedImage)])
}

/// What is shown beside the trees of an image.
struct PublicationExtras {
    /// Whether the layers are shown one by one.
    var showsLayers = false
    /// What refers to the image.
    var referrers = ImageReferrers()
}
