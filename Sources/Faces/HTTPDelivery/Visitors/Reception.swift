// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

package import AccessControl
internal import HTTPTypes
package import Hummingbird
package import IdentityProviders
internal import MetadataStore
package import OCISpec

/// Finds out who sends a request, and what they may do.
package struct Reception: Sendable {
    package let access: AccessServices

    /// This registry's name in tokens.
    package var service: String { access.service }

    /// Asks these services.
    package init(_ access: AccessServices) { self.access = access }

    /// Whom the request comes from: from its token, its name and password, or the server's own socket.
    ///
    /// While there are no accounts nothing that it says about itself is looked at.
    /// - Throws: `IdentityProblem` if what it says is wrong.
    package func visitor(_ request: Request, _ context: SiteContext) async throws -> Visitor {
        let isOpen = try await access.directory.isOpen()
        if context.isLocalSocket {
            return visitor(
                .localOperator(name: "local"),
                .anonymous,
                context,
                hasCredentials: true,
                isOpen: isOpen
            )
        }
        guard !isOpen else {
            return visitor(.anonymous, .anonymous, context, hasCredentials: false, isOpen: true)
        }
        switch RequestCredentials(header: request.headers[.authorization]) {
        case .none: return visitor(.anonymous, .anonymous, context, hasCredentials: false)
        case .malformed: throw IdentityProblem.malformedCredentials
        case .bearer(let token):
            let claims = try await access.tokens.claims(of: token)
            guard let principal = try await access.directory.principal(claims.principal) else {
                throw IdentityProblem.endedToken
            }
            var visitor = visitor(principal, claims.principal, context, hasCredentials: true)
            visitor.claims = claims
            return visitor
        case .basic(let name, let secret):
            let (principal, reference) = try await access.login(name, secret, from: context.peerAddress ?? "")
            return visitor(principal, reference, context, hasCredentials: true)
        }
    }

    /// What a visitor may do with a repository: what they have a right to, and for which their token, if any, was issued.
    package func actions(of visitor: Visitor, on repository: RepositoryName) async throws -> RepositoryActions
    {
        let right = try await access.directory.actions(of: visitor.principal, in: ProjectName(of: repository))
        guard let claims = visitor.claims else { return right }
        return right.intersection(claims.actions(on: repository))
    }

    /// Whether a visitor may read a repository, be it through a token that was issued for another one.
    package func mayPull(_ visitor: Visitor, _ repository: RepositoryName) async throws -> Bool {
        if visitor.isEverythingOpen { return true }
        return try await access.directory.actions(of: visitor.principal, in: ProjectName(of: repository))
            .contains(.pull)
    }

    private func visitor(
        _ principal: Principal,
        _ reference: PrincipalReference,
        _ context: SiteContext,
        hasCredentials: Bool,
        isOpen: Bool = false
    ) -> Visitor {
        Visitor(
            principal: principal,
            reference: reference,
            hasCredentials: hasCredentials,
            isEverythingOpen: isOpen,
            actor: AuditActor(
                name: principal.name,
                address: context.peerAddress ?? "",
                request: context.id
            )
        )
    }
}
