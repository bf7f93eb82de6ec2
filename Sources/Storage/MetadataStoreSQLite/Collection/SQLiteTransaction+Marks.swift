// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import Digests
internal import GRDB
internal import MetadataStore
internal import OCISpec

extension SQLiteTransaction {
    func linksToMark(after last: CollectionPlace?, limit: Int) throws -> CollectionPage {
        let sql = """
            SELECT repository_blob.repository, repository_blob.blob, repository_blob.unreferenced IS NULL,
                \(LooseRows.isLinkNeeded), blob.size
            FROM repository_blob JOIN blob ON blob.id = repository_blob.blob
            WHERE (repository_blob.repository, repository_blob.blob) > (?, ?)
            ORDER BY repository_blob.repository, repository_blob.blob LIMIT ?
            """
        return try page(sql, [last?.first ?? .min, last?.second ?? .min, limit], limit)
    }

    func blobsToMark(after last: CollectionPlace?, limit: Int) throws -> CollectionPage {
        let sql = """
            SELECT id, 0, unreferenced IS NULL, \(LooseRows.isBlobLinked), size FROM blob
            WHERE id > ? ORDER BY id LIMIT ?
            """
        return try page(sql, [last?.first ?? .min, limit], limit)
    }

    func manifestsToMark(
        after last: CollectionPlace?,
        limit: Int,
        collecting: Set<LooseManifest>
    ) throws -> CollectionPage {
        let sql = """
            SELECT id, 0, unreferenced IS NULL,
                CASE WHEN subject IS NULL THEN ? WHEN \(LooseRows.hasSubject) THEN 1 ELSE ? END
                    OR \(LooseRows.isManifestHeld), length(bytes)
            FROM manifest AS loose WHERE id > ? ORDER BY id LIMIT ?
            """
        let stays = LooseManifest.allCases.map { !collecting.contains($0) }
        return try page(sql, [stays[0], stays[1], last?.first ?? .min, limit], limit)
    }

    /// Reads rows of a place, whether the row has no mark, whether something refers to it, and a size.
    private func page(_ sql: String, _ arguments: StatementArguments, _ limit: Int) throws -> CollectionPage {
        var page = CollectionPage()
        let rows = try Row.fetchCursor(statement(sql), arguments: arguments)
        while let row = try rows.next() {
            let place = CollectionPlace(first: row[0], second: row[1])
            let (hasNoMark, isReferenced): (Bool, Bool) = (row[2], row[3])
            page.seen += 1
            page.last = place
            guard hasNoMark != isReferenced else { continue }
            page.changes.append(.init(place: place, isReferenced: isReferenced, size: row[4]))
        }
        if page.seen < limit { page.last = nil }
        return page
    }

    func mark(_ changes: [CollectionPage.Change], of subject: CollectionSubject, at now: Timestamp) throws
        -> Int
    {
        var count = 0
        for change in changes {
            let (table, key, needed): (String, String, String)
            switch subject {
            case .link:
                (table, key) = ("repository_blob", "repository = ? AND blob = ?")
                needed = """
                    EXISTS (SELECT 1 FROM blob WHERE blob.id = repository_blob.blob AND \(LooseRows.isLinkNeeded))
                    """
            case .blob: (table, key, needed) = ("blob", "id = ? AND ? = 0", LooseRows.isBlobLinked)
            case .manifest:
                (table, key) = ("manifest AS loose", "id = ? AND ? = 0")
                needed = "(\(LooseRows.isManifestHeld) OR \(LooseRows.hasSubject))"
            }
            let place = [change.place.first, change.place.second]
            if change.isReferenced {
                // The mark of bytes may be that of somebody who is storing them; a link takes it away.
                if case .blob = subject { continue }
                // Any other mark that is taken away wrongly only begins a grace anew.
                count += try execute(
                    "UPDATE \(table) SET unreferenced = NULL WHERE \(key) AND unreferenced IS NOT NULL",
                    StatementArguments(place)
                )
            } else {
                count += try execute(
                    "UPDATE \(table) SET unreferenced = ? WHERE \(key) AND unreferenced IS NULL AND NOT \(needed)",
                    StatementArguments([now.millisecondsSince1970] + place)
                )
            }
        }
        return count
    }

    func repositories(of changes: [CollectionPage.Change]) throws -> Set<RepositoryName> {
        let sql = """
            SELECT name FROM repository WHERE id = (SELECT repository FROM manifest WHERE id = ?)
            """
        return Set(
            try changes.compactMap {
                try statement(sql).fetch(String.self, [$0.place.first]).flatMap { RepositoryName($0) }
            }
        )
    }
}
