// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

package import IdentityProviders
package import MetadataStore
internal import Problems

/// Why a change of accounts, projects or robots is refused.
package struct AccountProblem: Problem {
    /// The kinds of problem.
    package enum Code: String, CaseIterable, Sendable {
        /// There is one of that name already.
        case exists = "already-exists"
        /// There is none of that name.
        case unknown
        /// A name, a password or a permission breaks the rules.
        case invalid
        /// Nobody could administer the server any more.
        case lastAdministrator = "last-administrator"
        /// The project has repositories.
        case projectNotEmpty = "project-not-empty"
        /// The published repository that a project names cannot be its own.
        case repositoryTaken = "repository-taken"
    }

    package let code: Code
    package let message: String
    package let remedy: String?

    init(_ code: Code, _ message: String, remedy: String? = nil) {
        self.code = code
        self.message = message
        self.remedy = remedy
    }

    package var identifier: String { code.rawValue }
    package var cause: (any Error)? { nil }

    static func taken(_ repository: String) -> AccountProblem {
        AccountProblem(
            .repositoryTaken,
            "the published repository '\(repository)' is in use and cannot be this project's own",
            remedy: "name one that does not exist yet: it is made for this project alone"
        )
    }
}

/// What the use cases of this room work on.
package struct AccessStores: Sendable {
    package let metadata: any MetadataStore
    /// Told of every change.
    package let directory: AccessDirectory
    package let passwords: PasswordWork
    /// The clock on the wall.
    package let now: @Sendable () -> Timestamp

    /// Joins the parts.
    package init(
        metadata: any MetadataStore,
        directory: AccessDirectory,
        passwords: PasswordWork,
        now: @escaping @Sendable () -> Timestamp
    ) {
        self.metadata = metadata
        self.directory = directory
        self.passwords = passwords
        self.now = now
    }

    /// Makes a change, and lets nobody go on with what was true before.
    func change<Value: Sendable>(
        _ body: @escaping @Sendable (any MetadataTransaction, Timestamp) throws -> Value
    ) async throws -> Value {
        let moment = now()
        let value = try await metadata.write { try body($0, moment) }
        directory.forget()
        return value
    }
}
