// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

package import CVMFSCatalog
package import CVMFSFormat
package import Digests
internal import HTTPFetching
package import ObjectCache

/// Reads one repository: its manifest through the chain of trust, its tags, and its objects.
///
/// Calls block their thread.
package final class RepositoryReader: Sendable {
    /// The repository's name.
    package let repository: RepositoryFQRN
    /// Gets the objects.
    package let objects: ObjectFetcher
    /// Where everything comes from.
    package let source: any RepositorySource
    /// Where the content of external files comes from.
    package let external: (any RepositorySource)?

    private let keys: MasterKeys
    private let memory: RevisionMemory?
    private let blacklist: @Sendable () -> Blacklist
    private let now: @Sendable () -> Int64

    /// Joins what is needed to read a repository.
    ///
    /// - Parameters:
    ///   - repository: the name that the signed files must bear.
    ///   - source: delivers the files.
    ///   - external: delivers the content of external files, if any.
    ///   - keys: the master keys.
    ///   - cache: receives the objects.
    ///   - memory: remembers revisions; `nil` for a single look that may be at an old copy.
    ///   - blacklist: what is refused in any case; asked for each manifest.
    ///   - now: unix seconds, for the whitelist's expiry.
    package init(
        repository: RepositoryFQRN,
        source: any RepositorySource,
        external: (any RepositorySource)? = nil,
        keys: MasterKeys,
        cache: any CacheStore,
        memory: RevisionMemory?,
        blacklist: @escaping @Sendable () -> Blacklist = { Blacklist() },
        now: @escaping @Sendable () -> Int64
    ) {
        self.repository = repository
        self.source = source
        self.external = external
        self.keys = keys
        self.memory = memory
        self.blacklist = blacklist
        self.now = now
        objects = ObjectFetcher(source: source, external: external, cache: cache)
    }

    /// A verified manifest, and what tells whether it is still the newest.
    package struct Head: Sendable {
        package let manifest: VerifiedManifest
        fileprivate let file: [UInt8]
        fileprivate let entityTag: Validator?
    }

    /// Fetches and verifies the manifest.
    ///
    /// - Parameters:
    ///   - known: an earlier answer.
    ///   - trustsValidator: whether the server may say that nothing changed. Web servers make entity tags of times in
    ///     whole seconds, so a second change within one second goes unnoticed by that.
    /// - Returns: the manifest; `nil` if it is the known one.
    /// - Throws: `ReaderProblem` that names the link of the chain that failed.
    package func head(unless known: Head? = nil, trustsValidator: Bool = true) throws(ReaderProblem) -> Head?
    {
        let receiver = MemoryReceiver(limit: 64 << 10) { [repository, memory, keys] letter in
            // What a cache damaged, cut short or kept for too long is then asked for past the caches.
            try Self.asCorrupt { () throws(ReaderProblem) in
                let manifest = try UnverifiedManifest(letter, repository: repository).manifest
                try memory?.expect(manifest, under: keys)
            }
        }
        let outcome = try fetch(
            ".cvmfspublished",
            validator: trustsValidator ? known?.entityTag : nil,
            into: receiver
        )
        guard case .received(let validator) = outcome, receiver.bytes != known?.file else { return nil }
        return try verified(receiver.bytes, validator)
    }

    /// Verifies a manifest that a server told of, exactly as one that was fetched.
    ///
    /// - Returns: the manifest; `nil` if it is the known one.
    /// - Throws: `ReaderProblem` that names the link of the chain that failed.
    package func head(told letter: [UInt8], unless known: Head) throws(ReaderProblem) -> Head? {
        letter == known.file ? nil : try verified(letter, nil)
    }

    private func verified(_ letter: [UInt8], _ validator: Validator?) throws(ReaderProblem) -> Head {
        let unverified = try UnverifiedManifest(letter, repository: repository)
        let certificate = try certificate(of: unverified.manifest)
        try refuse(unverified.manifest, certificate)
        let manifest = try unverified.verified(by: certificate, under: try whitelist())
        try memory?.admit(manifest)
        if manifest.manifest.hasAlternativeLinks { try fetchByLink(manifest.manifest.rootCatalog) }
        return Head(
            manifest: manifest,
            file: letter,
            entityTag: Validator(entityTag: validator?.entityTag, lastModified: nil)
        )
    }

    /// Gets a root catalog by its link in the repository's root into the cache.
    ///
    /// - Source: cvmfs-format A.7.
    package func fetchByLink(_ root: ContentHash) throws(ReaderProblem) {
        var wanted = ObjectFetcher.Wanted(root, .catalog)
        wanted.isAlternative = true
        _ = try objects.object(wanted)
    }

    private func refuse(
        _ manifest: PublishedManifest,
        _ certificate: SigningCertificate
    ) throws(ReaderProblem) {
        let blacklist = blacklist()
        guard !blacklist.refuses(certificate) else {
            throw ReaderProblem(
                .untrustedCertificate,
                "the certificate that signed the manifest of \(repository) is on this node's blacklist"
            )
        }
        if let least = blacklist.leastRevision(of: repository.name), manifest.revision < least {
            throw ReaderProblem(
                .olderRevision,
                "\(repository) is offered at revision \(manifest.revision), and this node's blacklist wants \(least) at least"
            )
        }
    }

    private func whitelist() throws(ReaderProblem) -> VerifiedWhitelist {
        let check = { [repository, keys, now] (letter: [UInt8]) throws(ReaderProblem) in
            try VerifiedWhitelist(letter, repository: repository, keys: keys, now: now())
        }
        let receiver = MemoryReceiver(limit: 1 << 20) { letter in
            try Self.asCorrupt { () throws(ReaderProblem) in _ = try check(letter) }
        }
        _ = try fetch(".cvmfswhitelist", validator: nil, into: receiver)
        return try check(receiver.bytes)
    }

    /// Tells the source that what it delivered is not what was asked for, so that it tries another way.
    private static func asCorrupt(_ check: () throws(ReaderProblem) -> Void) throws(FetchProblem) {
        do throws(ReaderProblem) { try check() } catch {
            throw FetchProblem(.corrupt, "the answer is not to be believed", cause: error)
        }
    }

    /// The named snapshots of a revision.
    ///
    /// - Throws: `noHistory` if the manifest names none; `corrupt`.
    package func history(of head: Head) throws(ReaderProblem) -> HistoryDatabase.Contents {
        guard let hash = head.manifest.manifest.history else {
            throw ReaderProblem(.noHistory, "\(repository) has no history, and so no tags")
        }
        let file = try objects.object(.init(hash, .history))
        do { return try HistoryDatabase.read(path: file.path) } catch {
            throw ReaderProblem(.corrupt, "the history of \(repository) cannot be read", cause: error)
        }
    }

    /// The snapshot of a tag.
    ///
    /// - Throws: `noHistory`, `unknownTag`.
    package func snapshot(_ tag: String, of head: Head) throws(ReaderProblem) -> NamedSnapshot {
        guard let snapshot = try history(of: head).snapshots.first(where: { $0.name == tag }) else {
            throw ReaderProblem(.unknownTag, "\(repository) has no tag '\(tag)'")
        }
        return snapshot
    }

    /// A small object's content.
    package func content(of hash: ContentHash, _ kind: ObjectKind, limit: Int) throws(ReaderProblem)
        -> [UInt8]
    {
        try objects.object(.init(hash, kind)).bytes(limit: limit)
    }

    private func certificate(of manifest: PublishedManifest) throws(ReaderProblem) -> SigningCertificate {
        guard let hash = manifest.certificate else {
            throw ReaderProblem(.malformed, "the manifest of \(repository) names no certificate")
        }
        var wanted = ObjectFetcher.Wanted(hash, .certificate)
        wanted.isAlternative = manifest.hasAlternativeLinks
        let pem = try objects.object(wanted).bytes(limit: 64 << 10)
        do { return try SigningCertificate(pem: pem) } catch {
            throw ReaderProblem(.malformed, "the certificate of \(repository) is malformed", cause: error)
        }
    }

    private func fetch(
        _ path: String,
        validator: Validator?,
        into receiver: MemoryReceiver
    ) throws(ReaderProblem) -> FetchOutcome {
        do {
            return try source.fetch(path, range: nil, validator: validator, into: receiver)
        } catch {
            // The reader's own judgement of what came.
            if let problem = (error as? FetchProblem)?.cause as? ReaderProblem { throw problem }
            let status = (error as? FetchProblem)?.status
            let code: ReaderProblem.Code = status == 404 || status == 403 ? .missing : .unreachable
            throw ReaderProblem(
                code,
                "cannot get \(path) of \(repository) from \(source.label)",
                cause: error
            )
        }
    }
}
