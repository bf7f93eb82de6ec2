// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import MetadataStore

/// How long each kind of garbage of the registry is kept after nothing refers to it any more.
///
/// The grace of blobs must be longer than the longest time between a client's question whether a blob is there and its
/// manifest; that of kinds without one is endless.
package struct RegistryGraces: Hashable, Sendable {
    package var blobs: Duration
    /// Of manifests without a tag that no index lists; `nil` keeps them.
    package var untagged: Duration?
    /// Of manifests that refer to one that is gone; `nil` keeps them.
    package var referrers: Duration?

    /// Joins the graces.
    package init(blobs: Duration, untagged: Duration?, referrers: Duration?) {
        self.blobs = blobs
        self.untagged = untagged
        self.referrers = referrers
    }

    /// The grace of a kind of manifest.
    subscript(kind: LooseManifest) -> Duration? {
        switch kind {
        case .untagged: untagged
        case .referrer: referrers
        }
    }
}
