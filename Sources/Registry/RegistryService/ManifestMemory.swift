// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import MetadataStore
internal import OCISpec
internal import Synchronization

/// The manifests that were asked for lately, by repository and reference.
///
/// A farm of nodes asks for the same few tags over and over; a look here costs a fraction of one in the database. Every
/// change of a repository's manifests or tags forgets that repository before it is answered. All servers that share a
/// database would have to hear of each other's changes, so it is for one server alone.
package final class ManifestMemory: Sendable {
    private typealias Shelf = [RepositoryName: [Reference: ManifestRecord]]

    private struct State {
        // What was used since the last turn, and what was used in the turn before: the rest is dropped.
        var young: Shelf = [:]
        var old: Shelf = [:]
        var youngBytes = 0
        /// Grows with every change, so that what was read before it is not kept after it.
        var generation: UInt64 = 0
    }

    /// Room for the bytes of manifests, in both turns together.
    private let limitInBytes: Int
    private let state = Mutex(State())

    /// Remembers up to a number of bytes.
    package init(limitInBytes: Int = 16 << 20) { self.limitInBytes = limitInBytes }

    /// A manifest that is remembered, and the mark to hand to `remember` when it must be read.
    func find(_ reference: Reference, in repository: RepositoryName) -> (ManifestRecord?, mark: UInt64) {
        state.withLock { state in
            if let found = state.young[repository]?[reference] { return (found, state.generation) }
            guard let found = state.old[repository]?[reference] else { return (nil, state.generation) }
            insert(found, reference, repository, &state)
            return (found, state.generation)
        }
    }

    /// Keeps what was read, unless something has changed since `mark`.
    func remember(
        _ manifest: ManifestRecord,
        as reference: Reference,
        in repository: RepositoryName,
        mark: UInt64
    ) {
        // One giant must not push out a thousand others.
        guard manifest.bytes.count <= limitInBytes / 64 else { return }
        state.withLock { state in
            guard state.generation == mark else { return }
            insert(manifest, reference, repository, &state)
        }
    }

    /// To be called after a change of a repository, and before it is answered.
    func forget(_ repository: RepositoryName) {
        state.withLock { state in
            state.generation += 1
            state.young[repository] = nil
            state.old[repository] = nil
        }
    }

    private func insert(
        _ manifest: ManifestRecord,
        _ reference: Reference,
        _ repository: RepositoryName,
        _ state: inout State
    ) {
        // The row around the bytes takes room, too.
        state.youngBytes += manifest.bytes.count + 512
        if state.youngBytes > limitInBytes / 2 {
            state.old = state.young
            state.young = [:]
            state.youngBytes = manifest.bytes.count + 512
        }
        state.young[repository, default: [:]][reference] = manifest
    }
}
