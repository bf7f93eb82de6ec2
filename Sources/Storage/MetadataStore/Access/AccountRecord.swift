// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

/// The account of a person.
package struct AccountRecord: Hashable, Sendable {
    /// The database's own number.
    package let id: Int64
    package let name: String
    /// As `PasswordHash` writes it.
    ///
    /// `nil` if the account has no password of its own.
    package var passwordHash: String?
    /// Whether the account may do everything.
    package var isAdministrator: Bool
    package var isDisabled: Bool
    /// Grows with every change that must end what was granted before.
    package var credentialVersion: Int64
    package var created: Timestamp

    /// Joins the columns of a row.
    package init(
        id: Int64,
        name: String,
        passwordHash: String?,
        isAdministrator: Bool,
        isDisabled: Bool,
        credentialVersion: Int64,
        created: Timestamp
    ) {
        self.id = id
        self.name = name
        self.passwordHash = passwordHash
        self.isAdministrator = isAdministrator
        self.isDisabled = isDisabled
        self.credentialVersion = credentialVersion
        self.created = created
    }
}
