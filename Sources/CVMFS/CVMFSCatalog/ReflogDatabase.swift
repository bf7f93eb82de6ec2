// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

package import CVMFSFormat
internal import Digests

/// Reads and writes the reflog: every object that was ever a root.
///
/// - Source: cvmfs-format B.9.
package enum ReflogDatabase {
    /// Reads a complete file.
    package static func read(path: String) throws(CatalogProblem) -> [ReflogReference] {
        let database = try Database(path, .immutable)
        let query = try database.prepare("SELECT hash, type, timestamp FROM refs ORDER BY timestamp, rowid")
        var references: [ReflogReference] = []
        while try query.step() {
            guard let hash = ContentHash(query.text(0)),
                let kind = ReflogReference.Kind(rawValue: query.integer(1))
            else {
                throw CatalogProblem(
                    .corrupt,
                    path: path,
                    detail: "the reference '\(query.text(0))' is not valid"
                )
            }
            references.append(ReflogReference(hash: hash, kind: kind, timestamp: query.integer(2)))
        }
        return references
    }

    /// Adds references to a file, which is created if it does not exist.
    ///
    /// Adding one again refreshes its time.
    package static func add(
        _ references: [ReflogReference],
        repository: String,
        path: String,
        exists: Bool
    ) throws(CatalogProblem) {
        let database = try Database(path, exists ? .edit : .create(pageSize: 1024))
        try database.execute("BEGIN")
        if !exists {
            try database.execute(CatalogSchema.reflog)
            let property = try database.prepare(CatalogSchema.insertProperty)
            try property.run(.text("schema"), .text("1.0"))
            try property.run(.text("schema_revision"), .text("0"))
            try property.run(.text("fqrn"), .text(repository))
        }
        let insert = try database.prepare(
            "INSERT OR REPLACE INTO refs (hash, type, timestamp) VALUES (?,?,?)"
        )
        for reference in references {
            try insert.run(
                .text(reference.hash.description),
                .integer(reference.kind.rawValue),
                .integer(reference.timestamp)
            )
        }
        try database.execute("COMMIT")
    }

    /// Removes references from a file.
    package static func remove(_ references: [ReflogReference], path: String) throws(CatalogProblem) {
        let database = try Database(path, .edit)
        try database.execute("BEGIN")
        let delete = try database.prepare("DELETE FROM refs WHERE hash = ?")
        for reference in references { try delete.run(.text(reference.hash.description)) }
        try database.execute("COMMIT")
        try database.execute("VACUUM")
    }
}
