// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import GRDB
internal import MetadataStore

/// The schema, as the list of steps that made it.
///
/// Steps are only ever appended; a released one is never edited. Each runs in one transaction.
enum Migrations {
    private static let steps: [(name: String, apply: @Sendable (Database) throws -> Void)] = [
        ("v0001-registry", RegistrySchema.create),
        ("v0002-publications", PublicationSchema.create),
        ("v0003-published-repositories", PublishedRepositorySchema.create),
        ("v0004-access", AccessSchema.create),
        ("v0008-blob-quarantine", QuarantineSchema.create),
        ("v0009-publication-rules", PublicationRulesSchema.create),
        ("v0010-publication-home", PublicationRulesSchema.addHome),
        ("v0011-collection", CollectionSchema.create),
        ("v0014-plain-contents", PlainContentSchema.create),
    ]

    /// Applies what is missing.
    ///
    /// - Throws: `tooNew` if the database has steps that this program does not know.
    static func apply(to database: DatabasePool, path: String) throws {
        var migrator = DatabaseMigrator()
        for step in steps { migrator.registerMigration(step.name, migrate: step.apply) }
        let unknown = try database.read { try migrator.appliedIdentifiers($0) }
            .subtracting(steps.map(\.name))
        guard let newest = unknown.max() else { return try migrator.migrate(database) }
        throw MetadataProblem(
            .tooNew,
            "the database \(path) was written by a newer Wharf (it has the step \(newest))",
            remedy: "start a version that knows this step; there is no way back"
        )
    }
}
