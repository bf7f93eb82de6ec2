// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

package import BlobStorage
package import CVMFSFormat
package import CVMFSPublisher
package import Digests
internal import Foundation
internal import LayerUnpacking
package import MetadataStore
package import OCISpec
internal import Problems
internal import PublicationRules

/// Brings the published trees up to date with the registry's tags, as many as are ready in one revision.
///
/// All calls block and belong on one thread.
package final class ImagePublisher {
    /// The writer of the repository for public images.
    package let publisher: RepositoryPublisher
    private let configuration: Configuration
    private let store: any MetadataStore
    private let blobs: BlobReader
    private let pool: LayerIngestPool
    private let routing: PublicationRouting
    private let policy: any PublicationPolicy
    private let targets: TargetRepositories
    private let layout: TreeLayout
    private let now: () -> Int64
    /// What is known of pending tags whose layers are not all there.
    private var plans: [PublicationKey: PublicationPlan] = [:]

    private struct PublicationKey: Hashable {
        let repository: RepositoryName
        let tag: TagName
    }

    /// So many pending tags are looked at in a round.
    private static let roundLimit = 1024

    /// Opens the repository for public images, or makes it with its keys on first start.
    ///
    /// - Parameters:
    ///   - configuration: names and limits.
    ///   - store: the registry's metadata, with the queue of changed tags.
    ///   - records: the records of published repositories and the content map.
    ///   - storage: the registry's blobs.
    ///   - pool: where layers are ingested.
    ///   - policy: asked whether an image may be published.
    ///   - now: the clock, unix seconds.
    /// - Throws: what the disk and the database throw.
    package init(
        configuration: Configuration,
        store: any MetadataStore,
        records: any PublishedRepositories & ContentMap,
        storage: any BlobStorage,
        pool: LayerIngestPool,
        policy: any PublicationPolicy = EveryImage(),
        now: @escaping () -> Int64
    ) throws {
        self.policy = policy
        self.configuration = configuration
        self.store = store
        self.pool = pool
        self.now = now
        routing = PublicationRouting(usual: configuration.repository)
        layout = TreeLayout(registry: configuration.registry)
        blobs = BlobReader(storage: storage)
        targets = TargetRepositories(configuration: configuration, records: records, pool: pool, now: now)
        publisher = try targets.open(configuration.repository).publisher
    }

    /// The time of the newest revision of any of the repositories, unix seconds.
    package var lastPublication: Int64 { targets.lastPublication }

    /// The writer of a repository that exists.
    package func writer(of repository: RepositoryFQRN) throws -> RepositoryPublisher? {
        try targets.isThere(repository) ? targets.open(repository).publisher : nil
    }

    /// The tags whose publication is due, oldest first.
    package func pending(limit: Int) throws -> [PublicationRecord] {
        try store.readBlocking { try $0.pendingPublications(limit: limit) }
    }

    /// Does what can be done now: asks for the layers that are missing, and publishes every tag whose layers are there, all
    /// tags of one repository in one revision.
    ///
    /// An image that is broken is `failed`, and what was published before stays. Everything else that goes wrong — a full
    /// disk, a database that is away — is thrown after the rest was done, and the tags stay pending.
    /// - Returns: what is finished; tags that wait for their layers are not in it.
    package func round() throws -> [Outcome] {
        pool.beginRound()
        defer { pool.endRound() }
        var trouble: (any Error)?
        var outcomes: [Outcome] = []
        var ready: [PublicationPlan] = []
        var waiting: [PublicationKey: PublicationPlan] = [:]
        for record in try pending(limit: Self.roundLimit) {
            do {
                var plan = try plan(for: record)
                try askForLayers(of: &plan)
                if plan.missing.isEmpty {
                    ready.append(plan)
                } else {
                    waiting[PublicationKey(repository: record.repository, tag: record.tag)] = plan
                }
            } catch let problem where ImageFault.isOne(problem) {
                outcomes.append(try failed(record, problem))
            } catch {
                trouble = error
            }
        }
        plans = waiting
        do {
            outcomes += try finish(ready)
        } catch let problem as PublisherProblem where problem.code == .lostLease {
            throw problem
        } catch {
            // What keeps one tag from being published need not keep the others.
            guard ready.count > 1 else { throw error }
            for plan in ready {
                do { outcomes += try finish([plan]) } catch { trouble = error }
            }
        }
        if let trouble { throw PublicationTrouble(outcomes: outcomes, cause: trouble) }
        return outcomes
    }

    /// Begins to read a blob that has just arrived and may be a layer of an image that will.
    package func anticipate(_ blob: OCIDigest, size: Int64, in repository: RepositoryName) throws {
        let route = try store.readBlocking { try self.routing.route(of: repository, $0) }
        guard case .shown(let home, _) = route else { return }
        pool.anticipate(blob, size: size, in: try targets.open(home).ingest)
    }

    // MARK: Planning

    private func plan(for record: PublicationRecord) throws -> PublicationPlan {
        let key = PublicationKey(repository: record.repository, tag: record.tag)
        if var known = plans[key], known.record.generation == record.generation {
            known.record = record
            return known
        }
        guard let digest = record.digest else {
            return PublicationPlan(record: record, goal: .nothing(reason: nil), missing: [])
        }
        let route = try store.readBlocking { try self.routing.route(of: record, $0) }
        switch route {
        case .withheld(let reason):
            return PublicationPlan(record: record, goal: .nothing(reason: reason), missing: [])
        case .shown(let home, let rules):
            let subject = try subject(digest, of: record).taking(rules)
            if case .notAnImage(let reason) = subject {
                return PublicationPlan(record: record, goal: .nothing(reason: reason), missing: [])
            }
            let referrers = try ReferrerReader(store: store, blobs: blobs, repository: record.repository)
                .referrers(of: digest, subject)
            if let refusal = try policy.refusal(of: subject, referrers, record) {
                return PublicationPlan(record: record, goal: .nothing(reason: refusal), missing: [])
            }
            let extras = PublicationExtras(showsLayers: rules.showsLayers, referrers: referrers)
            return PublicationPlan(
                record: record,
                goal: .image(subject, extras, in: home),
                missing: subject.layers
            )
        }
    }

    private func subject(_ digest: OCIDigest, of record: PublicationRecord) throws -> PublicationSubject {
        let reader = PublicationSubjectReader(
            record.repository,
            of: store,
            blobs: blobs,
            layerLimit: configuration.limits.layers
        )
        return try reader.subject(digest)
    }

    private func askForLayers(of plan: inout PublicationPlan) throws {
        guard case .image(let subject, _, let home) = plan.goal else { return }
        let ingest = try targets.open(home).ingest
        let before = plan.missing.count
        try plan.missing.removeAll { try ingest.isIngested(blob: $0.blob.digest, diffID: $0.diffID) }
        for layer in plan.missing {
            if let failure = pool.failure(of: layer, in: ingest) { throw failure }
        }
        for layer in plan.missing { pool.want(layer, in: ingest) }
        let total = subject.layers.count
        guard !plan.missing.isEmpty, plan.missing.count != before || plan.record.state != .ingesting else {
            return
        }
        let (record, done) = (plan.record, total - plan.missing.count)
        try store.writeBlocking {
            try $0.updateProgress(
                repository: record.repository,
                tag: record.tag,
                generation: record.generation,
                state: .ingesting,
                layersDone: done,
                layersTotal: total
            )
        }
    }

    // MARK: Publishing

    private func finish(_ plans: [PublicationPlan]) throws -> [Outcome] {
        guard !plans.isEmpty else { return [] }
        // A tag that moves to another repository leaves the old one first: it is never seen in neither for long, and a crash
        // in between is made good by the next round.
        for home in Set(plans.compactMap(\.formerHome)) where try targets.isThere(home) {
            let leaving = plans.filter { $0.formerHome == home }
            _ = try targets.open(home).publish(
                leaving.map { ($0.record.repository, $0.record.tag, .remove) },
                now: now()
            )
        }
        var outcomes = try store(plans.filter { $0.home == nil }.map { .withheld($0) })
        for home in Set(plans.compactMap(\.home)) {
            outcomes += try show(plans.filter { $0.home == home }, in: home)
        }
        return outcomes
    }

    private func show(_ plans: [PublicationPlan], in home: RepositoryFQRN) throws -> [Outcome] {
        let changes = plans.compactMap { plan in
            if case .image(let subject, let extras, _) = plan.goal {
                (plan.record.repository, plan.record.tag, TargetRepository.Change.show(subject, extras))
            } else {
                nil
            }
        }
        // Noted first: a project that is closed at this moment must find the links.
        try store.writeBlocking { try $0.noteHome(home.name, of: plans.map(\.record)) }
        let (results, revision) = try targets.open(home).publish(changes, now: now())
        return try store(
            zip(plans, results).map { plan, result in
                switch result {
                case .refused(let problem): .failure(of: plan.record, problem)
                case .removed: .withheld(plan)
                case .shown(let warnings):
                    .shown(
                        plan,
                        as: layout.link(plan.record.repository, plan.record.tag),
                        in: home,
                        warnings,
                        since: revision
                    )
                }
            }
        )
    }

    private func failed(_ record: PublicationRecord, _ problem: any Error) throws -> Outcome {
        let outcome = Outcome.failure(of: record, problem)
        _ = try store([outcome])
        return outcome
    }

    private func store(_ outcomes: [Outcome]) throws -> [Outcome] {
        guard !outcomes.isEmpty else { return [] }
        try store.writeBlocking { try $0.finish(outcomes.map(\.record)) }
        return outcomes
    }
}
