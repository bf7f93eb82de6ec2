// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

/// A long-lived token with which a client gets short-lived ones without the password.
///
/// Only a hash of it is kept.
package struct RefreshTokenRecord: Hashable, Sendable {
    /// SHA-256 of the token, in hexadecimal.
    package let hash: String
    package let accountID: Int64
    package let service: String
    /// The version of the account's credentials when it was issued; it ends with that version.
    package let credentialVersion: Int64
    package var expires: Timestamp

    /// Joins the columns of a row.
    package init(
        hash: String,
        accountID: Int64,
        service: String,
        credentialVersion: Int64,
        expires: Timestamp
    ) {
        self.hash = hash
        self.accountID = accountID
        self.service = service
        self.credentialVersion = credentialVersion
        self.expires = expires
    }
}

/// A key that signs tokens.
package struct TokenKeyRecord: Hashable, Sendable {
    /// The key's name within the tokens that it has signed.
    package let id: String
    /// The private key.
    package let pem: String
    package let created: Timestamp

    /// Joins the columns of a row.
    package init(id: String, pem: String, created: Timestamp) {
        self.id = id
        self.pem = pem
        self.created = created
    }
}
