// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

package import AccessControl

/// A project: what the first component of repository names stands for.
package struct ProjectRecord: Hashable, Sendable {
    /// The database's own number.
    package let id: Int64
    package let name: ProjectName
    /// Whether everybody may pull.
    package var isPublic: Bool
    package var created: Timestamp

    /// Joins the columns of a row.
    package init(id: Int64, name: ProjectName, isPublic: Bool, created: Timestamp) {
        self.id = id
        self.name = name
        self.isPublic = isPublic
        self.created = created
    }
}

/// The part that an account has in a project.
package struct MemberRecord: Hashable, Sendable {
    package let accountID: Int64
    package let accountName: String
    package var role: ProjectRole

    /// Joins the columns of a row.
    package init(accountID: Int64, accountName: String, role: ProjectRole) {
        self.accountID = accountID
        self.accountName = accountName
        self.role = role
    }
}
