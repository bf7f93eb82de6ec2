// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import MetadataStore
internal import OCISpec
internal import Synchronization

/// Manifests that were asked for lately, so that a rollout of one image to a thousand nodes does not read the same row a
/// thousand times.
///
/// Everything on the shelf was read under one generation of the metadata and goes when that does, so a reader never sees
/// what an acknowledged push has replaced.
final class ManifestShelf: Sendable {
    /// What it may hold; when it is full it begins anew, which is cheap to decide and seldom.
    private static let limitInBytes = 16 << 20
    /// A larger manifest would push out too many others.
    private static let largestInBytes = 256 << 10

    /// How a manifest was asked for.
    struct Key: Hashable {
        let repository: RepositoryName
        let reference: Reference
    }

    private struct State {
        var generation: UInt64 = 0
        var manifests: [Key: ManifestRecord] = [:]
        var sizeInBytes = 0
    }

    private let state = Mutex(State())

    /// The manifest, if it was kept under this generation.
    func manifest(_ key: Key, generation: UInt64) -> ManifestRecord? {
        state.withLock { $0.generation == generation ? $0.manifests[key] : nil }
    }

    /// Keeps what was read after the generation was looked at.
    func keep(_ manifest: ManifestRecord, as key: Key, generation: UInt64) {
        guard manifest.bytes.count <= Self.largestInBytes else { return }
        state.withLock { state in
            // A reader that was slow must not bring back an older generation.
            guard generation >= state.generation else { return }
            let size = manifest.bytes.count + 512
            if generation > state.generation || state.sizeInBytes + size > Self.limitInBytes {
                state = State(generation: generation)
            }
            if state.manifests.updateValue(manifest, forKey: key) == nil { state.sizeInBytes += size }
        }
    }
}
