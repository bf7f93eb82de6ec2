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
        var pace = CollectionPace()
        var place: CollectionPlace?
        repeat {
            let page = try pace.apart { try metadata.readBlocking { try look($0, place) } }
            var left = page.changes[...]
            while !left.isEmpty {
                let changes = Array(left.prefix(pace.batch))
                left = left.dropFirst(changes.count)
                let clock = metadata.collectionClock.now()
                let (count, touched) = try pace.change(metadata, changes.count, lasting: false) {
                    transaction in
                    let count = try transaction.mark(changes, of: subject, at: clock)
                    let isManifest = subject == .manifest
                    return (count, isManifest ? try transaction.repositories(of: changes) : [])
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
        var pace = CollectionPace()
        for algorithm in [DigestAlgorithm.sha256, .sha512] {
            for first in UInt8.min...UInt8.max {
                let files = try pace.apart {
                    try collector.storage.blobs(of: algorithm, beginning: first)
                }
                guard !files.isEmpty else { continue }
                let digests = files.map(\.digest)
                let unknown = Set(
                    try pace.apart { try metadata.readBlocking { try $0.unknownBlobs(digests) } }
                )
                var left = files.filter { unknown.contains($0.digest) }[...]
                while !left.isEmpty {
                    let strays = left.prefix(pace.batch)
                    left = left.dropFirst(strays.count)
                    let clock = metadata.collectionClock.now()
                    try pace.change(metadata, strays.count, lasting: false) { transaction in
                        for file in strays {
                            try transaction.noteStray(file.digest, size: file.size, at: clock)
                        }
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
        try sweepBlobs(deadline)
    }

    private func sweepManifests(_ kind: LooseManifest, deadline: Timestamp) throws {
        var pace = CollectionPace()
        while true {
            let expired = try metadata.readBlocking {
                try $0.expiredManifests(kind, deadline: deadline, limit: pace.batch)
            }
            guard !expired.isEmpty else { return }
            let now = collector.now()
            let removed = try pace.change(metadata, expired.count, lasting: false) { transaction in
                try expired.filter { manifest in
                    guard try transaction.removeManifest(manifest, deadline: deadline) else { return false }
                    let (repository, digest) = ("\(manifest.repository)", "\(manifest.digest)")
                    try transaction.audit("manifest.collect", repository, digest, by: .server, at: now)
                    return true
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
        var pace = CollectionPace()
        while true {
            let expired = try metadata.readBlocking {
                try $0.expiredLinks(deadline: deadline, limit: pace.batch)
            }
            guard !expired.isEmpty else { return }
            let count = try pace.change(metadata, expired.count, lasting: false) {
                try $0.removeLinks(expired, deadline: deadline)
            }
            run.removed["links", default: 0] += Int64(count)
            try observer.progress(run)
        }
    }

    /// Condemns bytes that no repository has, and takes them away, a batch at a time.
    ///
    /// What is condemned never piles up: each batch would have to be looked for behind all those before it.
    private func sweepBlobs(_ deadline: Timestamp) throws {
        var (condemning, removing) = (CollectionPace(), CollectionPace())
        // What a crash has left condemned goes first.
        var condemned = 0
        repeat {
            try removeCondemned(&removing)
            let limit = condemning.batch
            condemned = try condemning.change(metadata, limit, lasting: true) {
                try $0.condemnBlobs(deadline: deadline, limit: limit)
            }
        } while condemned > 0
        try collector.storage.emptyTrash()
    }

    /// Takes away what is condemned.
    ///
    /// The bytes go aside within the transaction that forgets their row: whoever stores the same content either comes before
    /// it, which keeps the bytes, or after it, when there are none. A crash between the two leaves a condemned row.
    private func removeCondemned(_ pace: inout CollectionPace) throws {
        while true {
            let condemned = try metadata.readBlocking { try $0.condemnedBlobs(limit: pace.batch) }
            guard !condemned.isEmpty else { return }
            let storage = collector.storage
            let removed = try pace.change(metadata, condemned.count, lasting: true) { transaction in
                try condemned.filter { blob in
                    guard try transaction.forgetCondemnedBlob(blob.digest) else { return false }
                    try storage.setAside(blob.digest)
                    return true
                }
            }
            // Only now: if the commit had failed, the row would still be there, and the bytes in the trash.
            try pace.apart { try storage.emptyTrash() }
            for blob in removed {
                observer.item(Self.item(blob))
                run.freedBytes += blob.size
            }
            run.removed["blobs", default: 0] += Int64(removed.count)
            try observer.progress(run)
        }
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
