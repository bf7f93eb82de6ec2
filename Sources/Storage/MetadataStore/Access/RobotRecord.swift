// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

package import AccessControl

/// The account of a program.
package struct RobotRecord: Hashable, Sendable {
    /// The database's own number.
    package let id: Int64
    /// The name to log in with, such as `robot$team+ci`.
    package let name: String
    /// The project that it belongs to; `nil` for one of the system.
    package let project: ProjectName?
    /// Salted, as `RobotSecret` writes it.
    package var secretHash: String
    package var summary: String
    /// When it stops working; `nil` for never.
    package var expires: Timestamp?
    package var isDisabled: Bool
    /// Grows with every change that must end what was granted before.
    package var credentialVersion: Int64
    package var created: Timestamp
    package var grants: [RobotGrant]

    /// Joins the columns of a row and its grants.
    package init(
        id: Int64,
        name: String,
        project: ProjectName?,
        secretHash: String,
        summary: String,
        expires: Timestamp?,
        isDisabled: Bool,
        credentialVersion: Int64,
        created: Timestamp,
        grants: [RobotGrant]
    ) {
        self.id = id
        self.name = name
        self.project = project
        self.secretHash = secretHash
        self.summary = summary
        self.expires = expires
        self.isDisabled = isDisabled
        self.credentialVersion = credentialVersion
        self.created = created
        self.grants = grants
    }

    /// Whether it works at a moment.
    package func isValid(at now: Timestamp) -> Bool { !isDisabled && expires.map { now < $0 } ?? true }
}
