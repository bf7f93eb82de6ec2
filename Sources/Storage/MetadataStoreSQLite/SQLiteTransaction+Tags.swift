// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import Digests
internal import GRDB
internal import MetadataStore
internal import OCISpec

extension SQLiteTransaction: TagRows {
    func tag(_ name: TagName, in repository: RepositoryRecord) throws -> OCIDigest? {
        try statement("SELECT digest FROM tag WHERE repository = ? AND name = ?")
            .fetch(String.self, [repository.id, name.description])
            .map { try Self.digest($0) }
    }

    func setTag(_ name: TagName, to digest: OCIDigest, in repository: RepositoryRecord, at now: Timestamp)
        throws
    {
        // Pushing the same image again must not publish it again, but tries again what has failed: its blobs may have been
        // mended by this push.
        if try tag(name, in: repository) == digest {
            guard try publication(of: repository.name, tag: name)?.state == .failed else { return }
            return try enqueuePublication(of: repository.name, tag: name, digest: digest, at: now)
        }
        let sql = """
            INSERT INTO tag (repository, name, digest, updated) VALUES (?, ?, ?, ?)
            ON CONFLICT (repository, name) DO UPDATE SET digest = excluded.digest, updated = excluded.updated
            """
        try execute(sql, [repository.id, name.description, digest.description, now.millisecondsSince1970])
        try noteReference(to: digest, in: repository)
        try enqueuePublication(of: repository.name, tag: name, digest: digest, at: now)
        try reviewNeighbours(of: repository.name, at: now)
    }

    func deleteTag(_ name: TagName, in repository: RepositoryRecord, at now: Timestamp) throws -> Bool {
        let sql = "DELETE FROM tag WHERE repository = ? AND name = ?"
        guard try execute(sql, [repository.id, name.description]) > 0 else { return false }
        try enqueuePublication(of: repository.name, tag: name, digest: nil, at: now)
        try reviewNeighbours(of: repository.name, at: now)
        return true
    }

    func tags(pointingTo digest: OCIDigest, in repository: RepositoryRecord) throws -> [TagName] {
        try String.fetchAll(
            statement("SELECT name FROM tag WHERE repository = ? AND digest = ? ORDER BY name"),
            arguments: [repository.id, digest.description]
        ).compactMap { TagName($0) }
    }

    func tags(in repository: RepositoryRecord, after last: String?, limit: Int) throws -> [TagName] {
        try String.fetchAll(
            statement("SELECT name FROM tag WHERE repository = ? AND name > ? ORDER BY name LIMIT ?"),
            arguments: [repository.id, last ?? "", limit]
        ).compactMap { TagName($0) }
    }
}
