// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import BlobStorage
internal import Digests
internal import MetadataStore
internal import OCISpec

/// One run over the registry, with what it has done so far.
final class RegistryRun {
    private let collector: RegistryCollector
    private let observer: CollectionObserver
    private(set) var run: CollectionRun

    private var metadata: any MetadataStore { collector.metadata }

    init(_ collector: RegistryCollector, _ run: CollectionRun, _ observer: CollectionObserver) {
        self.collector = collector
        self.run = run
        self.observer = observer
    }

    // MARK: Marking

    func mark() throws {
        let kinds = Set(LooseManifest.allCases.filter { collector.graces[$0] != nil })
        try mark(.manifest) {
            try $0.manifestsToMark(after: $1, limit: CollectionPace.page, collecting: kinds)
        }
        try mark(.link) { try $0.linksToMark(after: $1, limit: CollectionPace.page) }
        try mark(.blob) { try $0.blobsToMark(after: $1, limit: CollectionPace.page) }
        try noteStrays()
    }

    private func mark(
        _ subject: CollectionSubject,
        _ look: (any MetadataTransaction, CollectionPlace?) throws -> CollectionPage
    ) throws {
        var place: CollectionPlace?
        repeat {
            let page = try collector.pace.batch { try metadata.readBlocking { try look($0, place) } }
            for start in stride(from: 0, to: page.changes.count, by: CollectionPace.batch) {
                let changes = Array(page.changes[start...].prefix(CollectionPace.batch))
                let clock = metadata.collectionClock.now()
                let (count, touched) = try collector.pace.batch {
                    try metadata.writeBlocking { transaction in
                        let count = try transaction.mark(changes, of: subject, at: clock)
                        let isManifest = subject == .manifest
                        return (count, isManifest ? try transaction.repositories(of: changes) : [])
                    }
                }
                // What was remembered does not show the mark, and so would not renew it.
                for repository in touched { collector.onChange(repository) }
                run.marked += Int64(count)
                try observer.progress(run)
            }
            run.seen += Int64(page.seen)
            try observer.progress(run)
            place = page.last
        } while place != nil
    }

    /// Files of which the database knows nothing are left over from a crash between the file and its row.
    private func noteStrays() throws {
        for algorithm in [DigestAlgorithm.sha256, .sha512] {
            for first in UInt8.min...UInt8.max {
                let files = try collector.pace.batch {
                    try collector.storage.blobs(of: algorithm, beginning: first)
                }
                guard !files.isEmpty else { continue }
                let digests = files.map(\.digest)
                let unknown = Set(
                    try collector.pace.batch { try metadata.readBlocking { try $0.unknownBlobs(digests) } }
                )
                guard !unknown.isEmpty else { continue }
                let clock = metadata.collectionClock.now()
                try metadata.writeBlocking { transaction in
                    for file in files where unknown.contains(file.digest) {
                        try transaction.noteStray(file.digest, size: file.size, at: clock)
                    }
                }
                run.marked += Int64(unknown.count)
                try observer.progress(run)
            }
        }
    }

    // MARK: Sweeping

    func sweep() throws {
        for kind in LooseManifest.allCases {
            guard let grace = collector.graces[kind] else { continue }
            try sweepManifests(kind, deadline: collector.deadline(grace))
        }
        let deadline = collector.deadline(collector.graces.blobs)
        try sweepLinks(deadline)
        while try collector.pace.batch({
            try metadata.writeBlocking {
                try $0.condemnBlobs(deadline: deadline, limit: CollectionPace.batch)
            }
        }) > 0 { try observer.progress(run) }
        try removeCondemned()
    }

    private func sweepManifests(_ kind: LooseManifest, deadline: Timestamp) throws {
        while true {
            let expired = try metadata.readBlocking {
                try $0.expiredManifests(kind, deadline: deadline, limit: CollectionPace.batch)
            }
            guard !expired.isEmpty else { return }
            let now = collector.now()
            let removed = try collector.pace.batch {
                try metadata.writeBlocking { transaction in
                    try expired.filter { manifest in
                        guard try transaction.removeManifest(manifest, deadline: deadline) else {
                            return false
                        }
                        let (repository, digest) = ("\(manifest.repository)", "\(manifest.digest)")
                        try transaction.audit("manifest.collect", repository, digest, by: .server, at: now)
                        return true
                    }
                }
            }
            for manifest in removed {
                collector.onChange(manifest.repository)
                observer.item(Self.item(manifest))
            }
            run.removed["manifests", default: 0] += Int64(removed.count)
            try observer.progress(run)
        }
    }

    private func sweepLinks(_ deadline: Timestamp) throws {
        while true {
            let expired = try metadata.readBlocking {
                try $0.expiredLinks(deadline: deadline, limit: CollectionPace.batch)
            }
            guard !expired.isEmpty else { return }
            let count = try collector.pace.batch {
                try metadata.writeBlocking { try $0.removeLinks(expired, deadline: deadline) }
            }
            run.removed["links", default: 0] += Int64(count)
            try observer.progress(run)
        }
    }

    /// Takes away what is condemned.
    ///
    /// The bytes go aside within the transaction that forgets their row: whoever stores the same content either comes before
    /// it, which keeps the bytes, or after it, when there are none. A crash between the two leaves a condemned row.
    private func removeCondemned() throws {
        while true {
            let condemned = try metadata.readBlocking { try $0.condemnedBlobs(limit: CollectionPace.batch) }
            guard !condemned.isEmpty else { break }
            let storage = collector.storage
            let removed = try collector.pace.batch {
                try metadata.writeBlocking { transaction in
                    try condemned.filter { blob in
                        guard try transaction.forgetCondemnedBlob(blob.digest) else { return false }
                        _ = try storage.setAside(blob.digest)
                        return true
                    }
                }
            }
            // Only now: if the commit had failed, the row would still be there, and the bytes in the trash.
            try collector.pace.batch { try storage.emptyTrash() }
            for blob in removed {
                observer.item(Self.item(blob))
                run.freedBytes += blob.size
            }
            run.removed["blobs", default: 0] += Int64(removed.count)
            try observer.progress(run)
        }
        try collector.storage.emptyTrash()
    }

    // MARK: Previewing

    func preview() throws {
        for kind in LooseManifest.allCases {
            guard let grace = collector.graces[kind] else { continue }
            let deadline = collector.deadline(grace)
            let expired = try metadata.readBlocking {
                try $0.expiredManifests(kind, deadline: deadline, limit: .max)
            }
            for manifest in expired { observer.item(Self.item(manifest)) }
            run.removed["manifests", default: 0] += Int64(expired.count)
        }
        let deadline = collector.deadline(collector.graces.blobs)
        for blob in try metadata.readBlocking({ try $0.expiredBlobs(deadline: deadline, limit: .max) }) {
            observer.item(Self.item(blob))
            run.removed["blobs", default: 0] += 1
            run.freedBytes += blob.size
        }
    }

    private static func item(_ manifest: ExpiredManifest) -> CollectedItem {
        CollectedItem(
            kind: "manifest",
            name: "\(manifest.digest)",
            repository: "\(manifest.repository)",
            size: manifest.size,
            reason: manifest.kind == .untagged ? "nothing points to it" : "what it refers to is gone"
        )
    }

    private static func item(_ blob: BlobRecord) -> CollectedItem {
        CollectedItem(kind: "blob", name: "\(blob.digest)", size: blob.size, reason: "no manifest needs it")
    }
}
