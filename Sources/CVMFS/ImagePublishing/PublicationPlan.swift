// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CVMFSFormat
internal import MetadataStore

/// What is to be done for one pending tag.
struct PublicationPlan {
    /// What the tree of one CVMFS repository is to show.
    enum Goal {
        case image(PublicationSubject, PublicationExtras, in: RepositoryFQRN)
        /// Nothing; with a reason unless the tag was deleted.
        case nothing(reason: String?)
    }

    var record: PublicationRecord
    let goal: Goal
    /// The layers that have no index yet.
    var missing: [PublishableImage.Layer]

    /// The CVMFS repository in which the tag was shown and is to be shown no more.
    var formerHome: RepositoryFQRN? {
        guard let name = record.home, let former = RepositoryFQRN(name) else { return nil }
        if case .image(_, _, let home) = goal, home == former { return nil }
        return former
    }

    /// The CVMFS repository whose tree is to show the image.
    var home: RepositoryFQRN? {
        if case .image(_, _, let home) = goal { home } else { nil }
    }
}

extension PublicationSubject {
    /// The layers of all images, each once, in order.
    var layers: [PublishableImage.Layer] {
        let images: [PublishableImage] =
            switch self {
            case .image(let image): [image]
            case .index(_, let images): images.map(\.image)
            case .notAnImage: []
            }
        var seen: Set<PublishableImage.Layer> = []
        return images.flatMap(\.layers).filter { seen.insert($0).inserted }
    }
}
