// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import AccessControl
internal import HTTPDelivery
internal import HTTPTypes
internal import Hummingbird
internal import IdentityProviders
internal import OCISpec

/// Lets requests through to their endpoints, or tells them what is missing.
///
/// | who asks | what they lack | answer |
/// |---|---|---|
/// | nobody in particular | a right | 401 with a challenge |
/// | a token of nobody in particular | a right | 401 with a challenge, as a login may help |
/// | a token, whose account has the right | the scope | 401 with a challenge, as another token will do |
/// | an account or its token | the right | 403 |
/// | an administrator | the project | 404 |
///
/// - Source: Docker token authentication.
struct Gatekeeper: Sendable {
    let reception: Reception
    let settings: TokenSettings

    /// Returns the visitor whom the endpoint may serve.
    ///
    /// - Throws: a refusal on its way to the responder.
    func admit(
        to endpoint: Endpoint,
        _ request: Request,
        _ target: RequestTarget,
        _ context: SiteContext
    ) async throws -> Visitor {
        let need = endpoint.need(target)
        let challenge = Challenge(need, settings.realm(request), service: reception.service)
        let visitor: Visitor
        do {
            visitor = try await reception.visitor(request, context)
        } catch let problem as IdentityProblem {
            throw RegistryError(problem, challenge: challenge).thrown
        }
        guard !visitor.isEverythingOpen else {
            if endpoint.changes, !context.isLocalSocket { try Self.refuseStrangers(request, context) }
            return visitor
        }
        switch need {
        case .presence:
            guard visitor.hasCredentials else { throw challenge.refusal("log in first").thrown }
        case .catalog:
            let isAllowed = visitor.claims?.allowsCatalog ?? visitor.hasCredentials
            guard isAllowed else { throw challenge.refusal("the list of repositories needs a token").thrown }
        case .repository(let name, let actions, _):
            guard try await reception.actions(of: visitor, on: name).isSuperset(of: actions) else {
                throw try await refusal(of: visitor, name, actions, challenge).thrown
            }
        }
        return visitor
    }

    private func refusal(
        of visitor: Visitor,
        _ name: RepositoryName,
        _ actions: RepositoryActions,
        _ challenge: Challenge
    ) async throws -> RegistryError {
        if visitor.principal == .anonymous {
            return challenge.refusal("'\(name)' needs a login with the right to \(actions.sentence)")
        }
        let project = ProjectName(of: name)
        let right = try await reception.access.directory.actions(of: visitor.principal, in: project)
        if right.isSuperset(of: actions) {
            return challenge.refusal("the token was issued for something else", error: "insufficient_scope")
        }
        // Only to those who may know which projects there are.
        if visitor.principal.isAdministrator {
            return RegistryError(
                .nameUnknown,
                "there is no project '\(project)'; an administrator can create it (wharf admin project create)"
            )
        }
        return RegistryError(
            .denied,
            "\(visitor.principal.name) has no right to \(actions.sentence) '\(name)', or there is no such project"
        )
    }

    private static func refuseStrangers(_ request: Request, _ context: SiteContext) throws {
        let refusal = AnonymousWriteRule.refusal(
            peer: context.peerAddress,
            host: request.head.authority,
            headers: request.headers.lazy.map { ($0.name.rawName, $0.value) }
        )
        if let refusal { throw RegistryError(.denied, refusal.message).thrown }
    }
}

extension RepositoryActions {
    /// In words: `pull and push`.
    fileprivate var sentence: String { words.joined(separator: " and ") }
}
