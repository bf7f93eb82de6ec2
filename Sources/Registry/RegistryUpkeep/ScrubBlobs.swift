// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

package import BlobStorage
internal import Digests
package import MetadataStore
internal import NIOCore

/// Reads every blob that a repository has, hashes it, and takes out of sight what is not what its name says.
///
/// A blob in quarantine is answered as one that was never there, so that the next push of an image uploads it again,
/// which heals it for all repositories. The server may run meanwhile.
package struct ScrubBlobs: Sendable {
    private let blobs: any BlobStorage
    private let metadata: any MetadataStore
    private let now: @Sendable () -> Timestamp

    /// Works on these stores.
    package init(
        blobs: any BlobStorage,
        metadata: any MetadataStore,
        now: @escaping @Sendable () -> Timestamp
    ) {
        self.blobs = blobs
        self.metadata = metadata
        self.now = now
    }

    /// Goes through the blobs in the order of their digests, from the place that `state` says.
    ///
    /// - Parameters:
    ///   - state: where an earlier run stopped, or a new one.
    ///   - pace: keeps the reading slow.
    ///   - onProgress: called after each blob; what it throws ends the run.
    /// - Returns: the state at the end, with everything that was found since its beginning.
    /// - Throws: what the stores and `onProgress` throw.
    package func callAsFunction(
        from state: ScrubState,
        pace: ScrubPace,
        onProgress: (ScrubState) async throws -> Void
    ) async throws -> ScrubState {
        var state = state
        while true {
            let last = state.last
            let records = try await metadata.read { try $0.blobs(after: last, limit: 1000) }
            guard !records.isEmpty else { break }
            for record in records {
                if let fault = try await fault(of: record, pace) {
                    state.found.append(try await setAside(record, fault))
                }
                state.last = record.digest.description
                state.blobs += 1
                state.bytes += record.size
                try await onProgress(state)
            }
        }
        state.last = nil
        return state
    }

    private enum Fault {
        case missing
        case damaged(any BlobContent, String)
    }

    /// What is wrong with a blob, if anything; one that is right again is released.
    private func fault(of record: BlobRecord, _ pace: ScrubPace) async throws -> Fault? {
        guard let content = try await blobs.open(record.digest) else {
            // What the quarantine of an earlier run took away is no news.
            return record.isQuarantined ? nil : .missing
        }
        guard content.size == record.size || record.isQuarantined else {
            return .damaged(content, "has \(content.size) bytes, not \(record.size)")
        }
        let digest = IncrementalDigest(record.digest.algorithm)
        while digest.byteCount < content.size {
            let bytes = try await content.read(at: Int64(digest.byteCount), count: 1 << 20)
            guard bytes.readableBytes > 0 else { return .damaged(content, "is shorter than it was") }
            bytes.withUnsafeReadableBytes { digest.update($0) }
            try await pace.pass(bytes.readableBytes)
        }
        let found = OCIDigest(algorithm: record.digest.algorithm, bytes: digest.finish())
        guard found == record.digest else { return .damaged(content, "has the digest \(found)") }
        if record.isQuarantined { try await metadata.write { try $0.releaseBlob(record.digest) } }
        return nil
    }

    /// The row first: a file that is gone while the row shows it would be answered with an error of the server.
    private func setAside(_ record: BlobRecord, _ fault: Fault) async throws -> ScrubFinding {
        let (digest, now) = (record.digest, now())
        try await metadata.write { try $0.quarantineBlob(digest, at: now) }
        let reason: String
        switch fault {
        case .missing: reason = "is gone"
        case .damaged(let content, let text):
            reason = text
            _ = try await blobs.quarantine(digest, holding: content)
        }
        // Somebody may have uploaded it anew meanwhile.
        if try await blobs.size(of: digest) == record.size {
            try await metadata.write { try $0.releaseBlob(digest) }
        }
        let uses = try await metadata.read { try $0.manifests(needing: digest) }
        return ScrubFinding(digest: digest.description, reason: reason, manifests: uses)
    }
}
