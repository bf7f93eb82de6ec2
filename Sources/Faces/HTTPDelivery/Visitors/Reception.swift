// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

package import AccessControl
internal import HTTPTypes
package import Hummingbird
package import IdentityProviders
internal import Logging
internal import MetadataStore
package import OCISpec
internal import Telemetry

/// Finds out who sends a request, and what they may do.
package struct Reception: Sendable {
    package let access: AccessServices
    private let proxies: TrustedProxies

    /// This registry's name in tokens.
    package var service: String { access.service }

    /// Asks these services, and takes the word of these proxies.
    package init(_ access: AccessServices, proxies: TrustedProxies = .loopback) {
        self.access = access
        self.proxies = proxies
    }

    /// The address of the client that sent a request; empty where there is none.
    package func clientAddress(_ request: Request, _ context: SiteContext) -> String {
        proxies.client(request, peer: context.peerAddress)
    }

    /// Whom the request comes from: from its token, its name and password, or the server's own socket.
    ///
    /// While there are no accounts nothing that it says about itself is looked at.
    /// - Throws: `IdentityProblem` if what it says is wrong.
    package func visitor(_ request: Request, _ context: SiteContext) async throws -> Visitor {
        let isOpen = try await access.directory.isOpen()
        let actor = AuditActor(name: "", address: clientAddress(request, context), request: context.id)
        if context.isLocalSocket {
            let principal = Principal.localOperator(name: "local")
            return visitor(principal, .anonymous, actor, hasCredentials: true, isOpen: isOpen)
        }
        guard !isOpen else {
            return visitor(.anonymous, .anonymous, actor, hasCredentials: false, isOpen: true)
        }
        switch RequestCredentials(header: request.headers[.authorization]) {
        case .none: return visitor(.anonymous, .anonymous, actor, hasCredentials: false)
        case .malformed: throw IdentityProblem.malformedCredentials
        case .bearer(let token):
            let claims = try await access.tokens.claims(of: token)
            guard let principal = try await access.directory.principal(claims.principal) else {
                throw IdentityProblem.endedToken
            }
            var visitor = visitor(principal, claims.principal, actor, hasCredentials: true)
            visitor.claims = claims
            return visitor
        case .basic(let name, let secret):
            let (principal, reference) = try await login(name, secret, from: actor.address, context)
            return visitor(principal, reference, actor, hasCredentials: true)
        }
    }

    /// Checks a name and a secret, and leaves a line in the log if they are wrong, for whoever watches for attacks.
    ///
    /// - Throws: as `Login`.
    package func login(_ name: String, _ secret: String, from address: String, _ context: SiteContext)
        async throws
        -> (Principal, PrincipalReference)
    {
        do {
            return try await access.login(name, secret, from: address)
        } catch let problem as IdentityProblem {
            context.logger.notice(
                "login failed",
                metadata: [
                    LogKey.userName.name: "\(name.prefix(255))", LogKey.clientAddress.name: "\(address)",
                    LogKey.error.name: "\(problem.identifier)",
                ]
            )
            throw problem
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

    /// Whether a visitor may read what is published of a project for its members; a token must be for a repository of it.
    package func mayPull(_ visitor: Visitor, from project: ProjectName) async throws -> Bool {
        if visitor.isEverythingOpen { return true }
        guard try await access.directory.actions(of: visitor.principal, in: project).contains(.pull) else {
            return false
        }
        guard let claims = visitor.claims else { return true }
        return claims.scopes.contains { scope in
            if case .repository(let name) = scope.subject {
                ProjectName(of: name) == project && scope.actions.contains(.pull)
            } else {
                false
            }
        }
    }

    /// Whether a visitor who was let in some time ago may still read what is published of a project: their account is there,
    /// with the same credentials, and has the right.
    ///
    /// A token that ends meanwhile does not count: it was good when the request began.
    package func mayStillPull(_ visitor: Visitor, from project: ProjectName) async throws -> Bool {
        var visitor = visitor
        if visitor.isEverythingOpen { visitor.isEverythingOpen = try await access.directory.isOpen() }
        if case .localOperator = visitor.principal { return true }
        guard let principal = try await access.directory.principal(visitor.reference) else { return false }
        visitor.principal = principal
        return try await mayPull(visitor, from: project)
    }

    /// Why a visitor may not change what a repository holds, which takes the right to push; `nil` if they may.
    package func refusalToChange(
        _ repository: RepositoryName,
        _ visitor: Visitor,
        _ request: Request,
        _ context: SiteContext
    ) async throws -> String? {
        if visitor.isEverythingOpen, !context.isLocalSocket {
            return AnonymousWriteRule.refusal(
                peer: context.peerAddress,
                host: request.head.authority,
                headers: request.headers.lazy.map { ($0.name.rawName, $0.value) }
            )?.message
        }
        let isAllowed = try await actions(of: visitor, on: repository).contains(.push)
        return isAllowed ? nil : "this takes the right to push to \(repository)"
    }

    /// Whether nobody on the way can read the answer: it goes over TLS, or not beyond this machine, or to a proxy that is
    /// trusted and says that its client came over TLS.
    package func isConfidential(_ request: Request, _ context: SiteContext, isSecure: Bool) -> Bool {
        if isSecure || context.isLocalSocket { return true }
        let scheme = HTTPField.Name("X-Forwarded-Proto").flatMap { request.headers[$0] }
        if scheme?.lowercased() == "https", proxies.isTrusted(context.peerAddress ?? "") { return true }
        return AnonymousWriteRule.refusal(
            peer: context.peerAddress,
            host: request.head.authority,
            headers: request.headers.lazy.map { ($0.name.rawName, $0.value) }
        ) == nil
    }

    private func visitor(
        _ principal: Principal,
        _ reference: PrincipalReference,
        _ actor: AuditActor,
        hasCredentials: Bool,
        isOpen: Bool = false
    ) -> Visitor {
        var actor = actor
        actor.name = principal.name
        return Visitor(
            principal: principal,
            reference: reference,
            hasCredentials: hasCredentials,
            isEverythingOpen: isOpen,
            actor: actor
        )
    }
}
