// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import Digests
internal import Foundation
internal import GRDB
internal import MetadataStore
internal import OCISpec

extension SQLiteTransaction: PublicationRows {
    /// Records that a tag has changed, so that the publisher takes it up.
    func enqueuePublication(
        of repository: RepositoryName,
        tag: TagName,
        digest: OCIDigest?,
        at now: Timestamp
    ) throws {
        let sql = """
            INSERT INTO publication (repository, tag, digest, state, generation, changed) VALUES (?, ?, ?, 'stored', 1, ?)
            ON CONFLICT (repository, tag) DO UPDATE SET
                digest = excluded.digest, state = 'stored', reason = NULL, error = NULL,
                layers_done = 0, layers_total = 0, generation = generation + 1, changed = excluded.changed
            """
        try execute(
            sql,
            [repository.description, tag.description, digest?.description, now.millisecondsSince1970]
        )
        hasEnqueued = true
    }

    func pendingPublications(limit: Int) throws -> [PublicationRecord] {
        let sql = """
            SELECT * FROM publication
            WHERE generation <> published_generation AND state IN ('stored', 'ingesting', 'published')
            ORDER BY changed LIMIT ?
            """
        return try Row.fetchAll(statement(sql), arguments: [limit]).map { try Self.publication($0) }
    }

    func publication(of repository: RepositoryName, tag: TagName) throws -> PublicationRecord? {
        try Row.fetchOne(
            statement("SELECT * FROM publication WHERE repository = ? AND tag = ?"),
            arguments: [repository.description, tag.description]
        ).map { try Self.publication($0) }
    }

    func publications() throws -> [PublicationRecord] {
        try Row.fetchAll(statement("SELECT * FROM publication ORDER BY repository, tag"))
            .map { try Self.publication($0) }
    }

    func updateProgress(
        repository: RepositoryName,
        tag: TagName,
        generation: Int64,
        state: PublicationState,
        layersDone: Int,
        layersTotal: Int
    ) throws {
        let sql = """
            UPDATE publication SET state = ?, layers_done = ?, layers_total = ?
            WHERE repository = ? AND tag = ? AND generation = ?
            """
        try execute(
            sql,
            [state.rawValue, layersDone, layersTotal, repository.description, tag.description, generation]
        )
    }

    func noteHome(_ home: String, of publications: [PublicationRecord]) throws {
        for record in publications where record.home != home {
            try execute(
                "UPDATE publication SET home = ? WHERE repository = ? AND tag = ?",
                [home, record.repository.description, record.tag.description]
            )
        }
    }

    func finish(_ publications: [PublicationRecord]) throws {
        for publication in publications { try finish(publication) }
    }

    private func finish(_ record: PublicationRecord) throws {
        let isShown = record.state == .published || record.state == .unpublished
        if record.digest == nil, isShown {
            let sql = "DELETE FROM publication WHERE repository = ? AND tag = ? AND generation = ?"
            try execute(sql, [record.repository.description, record.tag.description, record.generation])
            return
        }
        let sql = """
            UPDATE publication SET
                state = ?, reason = ?, layers_done = ?, layers_total = ?, published_repository = ?, revision = ?,
                path = ?, warnings = ?, error = ?, home = CASE WHEN ? THEN NULL ELSE home END,
                published_generation = CASE WHEN ? THEN generation ELSE published_generation END
            WHERE repository = ? AND tag = ? AND generation = ?
            """
        try execute(
            sql,
            [
                record.state.rawValue, record.reason, record.layersDone, record.layersTotal,
                record.publishedRepository, record.revision.map { Int64(clamping: $0) }, record.path,
                try Self.json(record.warnings), record.error, record.state == .unpublished, isShown,
                record.repository.description, record.tag.description, record.generation,
            ]
        )
    }

    private static func json(_ warnings: [PublicationWarning]) throws -> String {
        String(decoding: try JSONEncoder().encode(warnings), as: UTF8.self)
    }

    private static func publication(_ row: Row) throws -> PublicationRecord {
        guard let repository = RepositoryName(row["repository"]), let tag = TagName(row["tag"]),
            let state = PublicationState(rawValue: row["state"])
        else { throw MetadataProblem(.corrupt, "the database holds a malformed publication") }
        var record = PublicationRecord(
            repository: repository,
            tag: tag,
            digest: try (row["digest"] as String?).map { try digest($0) },
            generation: row["generation"],
            publishedGeneration: row["published_generation"]
        )
        record.state = state
        record.reason = row["reason"]
        record.layersDone = row["layers_done"]
        record.layersTotal = row["layers_total"]
        record.publishedRepository = row["published_repository"]
        record.revision = (row["revision"] as Int64?).map { UInt64(clamping: $0) }
        record.path = row["path"]
        record.warnings = try JSONDecoder().decode(
            [PublicationWarning].self,
            from: Data((row["warnings"] as String).utf8)
        )
        record.error = row["error"]
        record.home = row["home"]
        record.wish = (row["wish"] as String?).flatMap { PublicationWish(rawValue: $0) }
        return record
    }
}
