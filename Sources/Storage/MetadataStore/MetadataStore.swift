// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

package import OCISpec

/// The registry's memory for everything but the bytes of blobs.
///
/// Every call comes in two forms: asynchronous ones for tasks, and `…Blocking` ones for threads that may block. A
/// writing transaction is durable when the call returns, unless it says otherwise.
package protocol MetadataStore: Sendable {
    /// Runs a reading transaction; it sees one state of the database throughout.
    func read<Value: Sendable>(
        _ body: @escaping @Sendable (any MetadataTransaction) throws -> Value
    ) async throws -> Value

    /// Runs a writing transaction; nothing of it remains if `body` throws.
    func write<Value: Sendable>(
        _ body: @escaping @Sendable (any MetadataTransaction) throws -> Value
    ) async throws -> Value

    /// Runs a reading transaction and blocks until it is done. Never call it from a task.
    func readBlocking<Value>(_ body: (any MetadataTransaction) throws -> Value) throws -> Value

    /// Runs a writing transaction and blocks until it is done. Never call it from a task.
    func writeBlocking<Value>(_ body: (any MetadataTransaction) throws -> Value) throws -> Value

    /// Runs a writing transaction that a crash of the machine may undo, together with all that follow it up to the next
    /// durable one; blocks until it is done. Never call it from a task.
    ///
    /// Others see it when the call returns. It waits for no disk, and so keeps the next writer waiting for less.
    func writeBlockingUnsynced<Value>(_ body: (any MetadataTransaction) throws -> Value) throws -> Value

    /// Raised after every commit that enqueued a publication.
    var publicationSignal: PublicationSignal { get }

    /// The clock of graces, which the database keeps.
    var collectionClock: CollectionClock { get }
}

extension MetadataStore {
    /// `PublicationRows.pendingPublications` in a transaction of its own.
    package func pendingPublications(limit: Int) async throws -> [PublicationRecord] {
        try await read { try $0.pendingPublications(limit: limit) }
    }

    /// `PublicationRows.publication` in a transaction of its own.
    package func publication(of repository: RepositoryName, tag: TagName) async throws -> PublicationRecord? {
        try await read { try $0.publication(of: repository, tag: tag) }
    }

    /// `PublicationRows.publications` in a transaction of its own.
    package func publications() async throws -> [PublicationRecord] {
        try await read { try $0.publications() }
    }

    /// `PublicationRows.updateProgress` in a transaction of its own.
    package func updateProgress(
        repository: RepositoryName,
        tag: TagName,
        generation: Int64,
        state: PublicationState,
        layersDone: Int,
        layersTotal: Int
    ) async throws {
        try await write { transaction in
            try transaction.updateProgress(
                repository: repository,
                tag: tag,
                generation: generation,
                state: state,
                layersDone: layersDone,
                layersTotal: layersTotal
            )
        }
    }

    /// `PublicationRows.finish` in a transaction of its own.
    package func finish(_ publications: [PublicationRecord]) async throws {
        try await write { try $0.finish(publications) }
    }
}
