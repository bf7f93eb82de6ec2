// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import Problems

/// What can be wrong with a catalog, history or reflog database.
package struct CatalogProblem: Problem {
    /// The kinds of problem.
    package enum Code: String, CaseIterable, Sendable {
        case cannotOpen = "cannot-open-database"
        case corrupt = "corrupt-database"
        case unknownSchema = "unknown-schema"
        case writeFailed = "database-write-failed"
    }

    package let code: Code
    /// The file.
    package let path: String
    /// What SQLite or the check said.
    package let detail: String

    package init(_ code: Code, path: String, detail: String) {
        self.code = code
        self.path = path
        self.detail = detail
    }

    package var identifier: String { code.rawValue }

    package var message: String {
        switch code {
        case .cannotOpen: "cannot open the database \(path): \(detail)"
        case .corrupt: "the database \(path) is corrupt: \(detail)"
        case .unknownSchema: "the database \(path) has a schema that is not known: \(detail)"
        case .writeFailed: "cannot write the database \(path): \(detail)"
        }
    }
}
