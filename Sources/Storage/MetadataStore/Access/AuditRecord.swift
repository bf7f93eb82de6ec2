// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

/// Who changed what, and when.
package struct AuditRecord: Hashable, Sendable {
    /// Grows with time.
    package let id: Int64
    package let at: Timestamp
    /// Who and from where.
    package let actor: AuditActor
    /// What was done, such as `tag.delete`.
    package let action: String
    /// To what: `team/app:1.2`, `user alice`.
    package let subject: String
    /// More words, such as the digest or the role; may be empty.
    package let detail: String

    /// Joins the columns of a row.
    package init(
        id: Int64,
        at: Timestamp,
        actor: AuditActor,
        action: String,
        subject: String,
        detail: String
    ) {
        self.id = id
        self.at = at
        self.actor = actor
        self.action = action
        self.subject = subject
        self.detail = detail
    }
}

/// On whose behalf a change is made, as the records tell it.
package struct AuditActor: Hashable, Sendable {
    /// The name of the account, `anonymous`, or `local`.
    package var name: String
    /// The numeric address of the client; empty where there is none.
    package var address: String
    /// The request's identifier, to be found in the log.
    package var request: String

    /// Joins the parts.
    package init(name: String, address: String = "", request: String = "") {
        self.name = name
        self.address = address
        self.request = request
    }

    /// The server itself.
    package static let server = AuditActor(name: "wharfd")
}
