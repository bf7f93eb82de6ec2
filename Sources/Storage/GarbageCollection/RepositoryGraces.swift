// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

/// How long what nothing needs stays in a published repository.
///
/// The grace of objects must be longer than the longest ingest and than any cache serves an old revision; that of layers
/// is how long an image that comes back costs nothing.
package struct RepositoryGraces: Hashable, Sendable {
    /// Of flat trees and metadata that no link names.
    package var trees: Duration
    /// Of layer indexes that no image needs; what they hold is kept with them.
    package var layers: Duration
    /// Of objects that no revision needs.
    package var objects: Duration

    /// Joins the graces.
    package init(trees: Duration, layers: Duration, objects: Duration) {
        self.trees = trees
        self.layers = layers
        self.objects = objects
    }
}
