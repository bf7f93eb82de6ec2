// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

/// The names of spans, beside those of requests, which are called by method and route.
package enum SpanName {
    /// Reading one layer into objects and a layer index.
    package static let ingestLayer = "image.layer.ingest"
    /// Merging an image's layers and writing its catalogs.
    package static let publishImage = "image.publish"
    /// Publishing a revision of a repository.
    package static let commit = "repository.commit"
}
