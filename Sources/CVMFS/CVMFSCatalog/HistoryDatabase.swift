// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

package import CVMFSFormat
package import Digests

/// Reads and writes history databases: the named snapshots of a repository.
///
/// - Source: cvmfs-format D.
package enum HistoryDatabase {
    /// What a history database holds.
    package struct Contents: Sendable {
        package var repository: String
        /// The history object that this one replaces.
        package var previousRevision: ContentHash?
        package var snapshots: [NamedSnapshot]

        package init(repository: String, previousRevision: ContentHash?, snapshots: [NamedSnapshot]) {
            self.repository = repository
            self.previousRevision = previousRevision
            self.snapshots = snapshots
        }
    }

    /// Reads a complete file.
    package static func read(path: String) throws(CatalogProblem) -> Contents {
        let database = try Database(path, .immutable)
        let properties = try CatalogReader.readProperties(database)
        guard properties["schema"] == "1.0" else {
            throw CatalogProblem(.unknownSchema, path: path, detail: properties["schema"] ?? "none")
        }
        let revision = properties["schema_revision"].flatMap { Int($0) } ?? 0
        let size = revision >= 1 ? "size" : "0"
        let branch = revision >= 3 ? "branch" : "''"
        let query = try database.prepare(
            "SELECT name, hash, revision, timestamp, description, \(size), \(branch) FROM tags ORDER BY revision, name"
        )
        var snapshots: [NamedSnapshot] = []
        while try query.step() {
            guard let hash = ContentHash(query.text(1)) else {
                throw CatalogProblem(
                    .corrupt,
                    path: path,
                    detail: "the tag '\(query.text(0))' has no valid hash"
                )
            }
            snapshots.append(
                NamedSnapshot(
                    name: query.text(0),
                    rootCatalog: hash,
                    revision: UInt64(bitPattern: query.integer(2)),
                    timestamp: query.integer(3),
                    description: query.text(4),
                    size: query.integer(5),
                    branch: query.text(6)
                )
            )
        }
        return Contents(
            repository: properties["fqrn"] ?? "",
            previousRevision: properties["previous_revision"].flatMap { ContentHash($0) },
            snapshots: snapshots
        )
    }

    /// The branches that the database names, for verification.
    package static func branches(path: String) throws(CatalogProblem) -> Set<String> {
        let database = try Database(path, .immutable)
        let query = try database.prepare("SELECT branch FROM branches")
        var branches: Set<String> = []
        while try query.step() { branches.insert(query.text(0)) }
        return branches
    }

    /// Writes a new file.
    package static func write(_ contents: Contents, path: String) throws(CatalogProblem) {
        let database = try Database(path, .create(pageSize: 1024))
        try database.execute("BEGIN")
        try database.execute(CatalogSchema.history)
        let property = try database.prepare(CatalogSchema.insertProperty)
        try property.run(.text("schema"), .text("1.0"))
        try property.run(.text("schema_revision"), .text("3"))
        try property.run(.text("fqrn"), .text(contents.repository))
        if let previous = contents.previousRevision {
            try property.run(.text("previous_revision"), .text(previous.description))
        }
        try database.execute("INSERT INTO branches (branch, parent, initial_revision) VALUES ('', NULL, 0)")
        let insert = try database.prepare(
            "INSERT INTO tags (name, hash, revision, timestamp, channel, description, size, branch) "
                + "VALUES (?,?,?,?,0,?,?,?)"
        )
        for snapshot in contents.snapshots {
            try insert.run(
                .text(snapshot.name),
                .text(snapshot.rootCatalog.description),
                .integer(Int64(bitPattern: snapshot.revision)),
                .integer(snapshot.timestamp),
                .text(snapshot.description),
                .integer(snapshot.size),
                .text(snapshot.branch)
            )
        }
        try database.execute("COMMIT")
    }
}
