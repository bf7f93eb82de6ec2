// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import AccessControl
internal import Digests
internal import GRDB
internal import MetadataStore
internal import OCISpec
internal import PublicationRules

/// The rules of projects, what follows from a change of them, and what was decided about single tags.
extension SQLiteTransaction {
    func publicationRules(of project: ProjectRecord) throws -> PublicationRules {
        var settings: [String: String] = [:]
        let sql = "SELECT key, value FROM publication_rules WHERE project = ?"
        for row in try Row.fetchAll(statement(sql), arguments: [project.id]) { settings[row[0]] = row[1] }
        do {
            return try PublicationRules(settings: settings)
        } catch {
            throw MetadataProblem(
                .corrupt,
                "the database holds a malformed rule of publication: \(error.key)"
            )
        }
    }

    func setPublicationRules(_ rules: PublicationRules, of project: ProjectRecord) throws {
        try execute("DELETE FROM publication_rules WHERE project = ?", [project.id])
        for (key, value) in rules.settings {
            try execute(
                "INSERT INTO publication_rules (project, key, value) VALUES (?, ?, ?)",
                [project.id, key, value]
            )
        }
    }

    func owner(ofPublished repository: String) throws -> ProjectName? {
        try statement("SELECT project FROM private_repository WHERE name = ?")
            .fetch(String.self, [repository]).flatMap { ProjectName($0) }
    }

    func reserve(published repository: String, for project: ProjectName) throws {
        try execute(
            "INSERT INTO private_repository (name, project) VALUES (?, ?)",
            [repository, project.description]
        )
    }

    func hasPublished(_ repository: String) throws -> Bool {
        try statement("SELECT 1 FROM published_repository WHERE name = ?").fetch(Int.self, [repository])
            != nil
    }

    func movedTags(in repository: RepositoryRecord) throws -> [PublicationRules.Candidate] {
        try Row.fetchAll(
            statement("SELECT name, updated FROM tag WHERE repository = ? ORDER BY name"),
            arguments: [repository.id]
        )
        .compactMap { row in
            TagName(row[0]).map { PublicationRules.Candidate(tag: $0, moved: row[1]) }
        }
    }

    func setPublicationWish(
        _ wish: PublicationWish?,
        of repository: RepositoryName,
        tag: TagName,
        at now: Timestamp
    ) throws -> Bool {
        let sql = """
            UPDATE publication SET wish = ?, \(Self.review) WHERE repository = ? AND tag = ? AND digest IS NOT NULL
            """
        let changed = try execute(
            sql,
            [
                wish?.rawValue, now.millisecondsSince1970, repository.description, tag.description,
            ]
        )
        if changed > 0 { hasEnqueued = true }
        return changed > 0
    }

    func reviewPublications(showing digest: OCIDigest, in repository: RepositoryRecord, at now: Timestamp)
        throws
    {
        // Indexes may hold indexes, but not deeper than the publisher follows them.
        let sql = """
            WITH RECURSIVE holder(digest, depth) AS (
                SELECT ?, 0 UNION
                SELECT manifest.digest, depth + 1 FROM holder
                    JOIN manifest_reference ON manifest_reference.digest = holder.digest AND kind = 'child'
                    JOIN manifest ON manifest.id = manifest_reference.manifest AND manifest.repository = ?
                    WHERE depth < 5
            )
            UPDATE publication SET \(Self.review)
            WHERE repository = ? AND tag IN (
                SELECT tag.name FROM holder JOIN tag ON tag.digest = holder.digest AND tag.repository = ?
            )
            """
        let changed = try execute(
            sql,
            [
                digest.description, repository.id, now.millisecondsSince1970, repository.name.description,
                repository.id,
            ]
        )
        if changed > 0 { hasEnqueued = true }
    }

    /// After a tag was moved or removed: with the rule `newest`, others may have to give way or may come back.
    func reviewNeighbours(of repository: RepositoryName, at now: Timestamp) throws {
        guard let project = try project(named: ProjectName(of: repository)),
            let row = try self.repository(named: repository),
            case let rules = try publicationRules(of: project), rules.newest != nil
        else { return }
        let withheld = rules.withheld(of: try movedTags(in: row))
        let sql = "SELECT tag, state FROM publication WHERE repository = ? AND digest IS NOT NULL"
        for known in try Row.fetchAll(statement(sql), arguments: [repository.description]) {
            guard let tag = TagName(known[0]) else { continue }
            let isShown = known[1] == PublicationState.published.rawValue
            let isWithheld = known[1] == PublicationState.unpublished.rawValue
            guard withheld[tag] == nil ? isWithheld : isShown else { continue }
            try execute(
                "UPDATE publication SET \(Self.review) WHERE repository = ? AND tag = ?",
                [now.millisecondsSince1970, repository.description, tag.description]
            )
            hasEnqueued = true
        }
    }

    /// A publication is to be looked at again: what is published stays so meanwhile, all else waits.
    static let review = """
        state = CASE state WHEN 'published' THEN state ELSE 'stored' END,
        generation = generation + 1, changed = ?
        """
}
