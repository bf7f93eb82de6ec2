// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

package import AccessControl
package import MetadataStore

/// Whom a face talks to.
package struct Visitor: Sendable {
    package var principal: Principal
    /// The principal as tokens name it.
    package var reference: PrincipalReference
    /// What the request's token is for; `nil` if it came without one.
    package var claims: TokenClaims?
    /// Whether the request said anything about who sends it.
    package var hasCredentials: Bool
    /// Whether there are no accounts yet, so that everybody may read and programs on this machine may write.
    package var isEverythingOpen: Bool
    /// For the records of changes.
    package var actor: AuditActor

    /// Joins what is known.
    package init(
        principal: Principal,
        reference: PrincipalReference = .anonymous,
        claims: TokenClaims? = nil,
        hasCredentials: Bool,
        isEverythingOpen: Bool,
        actor: AuditActor
    ) {
        self.principal = principal
        self.reference = reference
        self.claims = claims
        self.hasCredentials = hasCredentials
        self.isEverythingOpen = isEverythingOpen
        self.actor = actor
    }
}
