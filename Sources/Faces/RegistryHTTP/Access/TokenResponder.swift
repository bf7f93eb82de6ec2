// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import AccessControl
internal import Foundation
package import HTTPDelivery
internal import HTTPTypes
package import Hummingbird
internal import IdentityProviders
internal import Logging
internal import MetadataStore
internal import OCISpec

/// The token service: exchanges a name and a secret, or a refresh token, for a short-lived token with what is asked for
/// and allowed.
///
/// Not to be allowed everything is no error: the token then says less than was asked for, or nothing.
/// - Source: Docker token authentication, "getting a bearer token" (GET) and "OAuth2 token" (POST).
package struct TokenResponder: HTTPResponder {
    package typealias Context = SiteContext

    private static let bodyLimit = 64 << 10

    private let reception: Reception
    private var access: AccessServices { reception.access }

    /// Issues tokens of the reception's services.
    package init(_ reception: Reception) { self.reception = reception }

    package func respond(to request: Request, context: SiteContext) async throws -> Response {
        do {
            return try await answer(request, context)
        } catch let error as RegistryError.Thrown {
            return error.refusal.response()
        } catch let problem as IdentityProblem {
            return RegistryError(problem, challenge: nil).response()
        } catch {
            context.logger.error("token request failed", metadata: ["error": "\(error)"])
            return RegistryError(.unknown, "internal error, reference \(context.id)").response()
        }
    }

    private func answer(_ request: Request, _ context: SiteContext) async throws -> Response {
        guard let target = request.head.path.flatMap({ RequestTarget($0) }),
            target.segments == ["service", "token"]
        else { throw RegistryError(.nameUnknown, "there is no such service", status: 404).thrown }
        switch request.method {
        case .get, .head: return try await answer(TokenRequest(query: target), request, context)
        case .post:
            let body = try await request.body.collect(upTo: Self.bodyLimit)
            let form = RequestTarget(form: String(buffer: body))
            guard let wish = form.flatMap({ TokenRequest(form: $0) }) else {
                throw RegistryError(.unsupported, "grant_type must be password or refresh_token", status: 400)
                    .thrown
            }
            return try await answer(wish, request, context)
        default:
            var response = RegistryError(.unsupported, "the method is not supported here").response()
            response.headers[.allow] = "GET, HEAD, POST"
            return response
        }
    }

    private func answer(_ wish: TokenRequest, _ request: Request, _ context: SiteContext) async throws
        -> Response
    {
        if let service = wish.service, service != access.service {
            throw RegistryError(.unsupported, "there is no service '\(service)' here", status: 400).thrown
        }
        let (principal, reference) = try await principal(wish, request, context)
        // A login asks for nothing in particular, and must not succeed without a password.
        if principal == .anonymous, wish.scopes.isEmpty {
            throw RegistryError(.unauthorized, "log in with a name and a password").thrown
        }
        let granted = try await grant(wish.scopes, to: principal)
        let name = principal == .anonymous ? "" : principal.name
        let issued = try await access.tokens.issue(reference, name: name, scopes: granted)
        let refreshToken =
            wish.isOffline ? try await access.refreshTokens.issue(reference) : wish.refreshToken
        return TokenAnswer(issued, scopes: granted, refreshToken: refreshToken).response
    }

    private func principal(_ wish: TokenRequest, _ request: Request, _ context: SiteContext) async throws
        -> (Principal, PrincipalReference)
    {
        if let token = wish.refreshToken {
            let reference = try await access.refreshTokens.reference(token)
            guard let principal = try await access.directory.principal(reference) else {
                throw IdentityProblem.endedToken
            }
            return (principal, reference)
        }
        switch wish.credentials ?? RequestCredentials(header: request.headers[.authorization]) {
        case .none: return (.anonymous, .anonymous)
        case .basic(let name, let secret):
            return try await reception.login(name, secret, from: reception.clientAddress(request, context), context)
        case .bearer, .malformed: throw IdentityProblem.malformedCredentials
        }
    }

    /// What is asked for, as far as the principal has a right to it; subjects without any right are left out.
    private func grant(_ scopes: [TokenScope], to principal: Principal) async throws -> [TokenScope] {
        let isOpen = try await access.directory.isOpen()
        var granted: [TokenScope] = []
        for scope in scopes {
            switch scope.subject {
            // The list holds only what its reader may pull.
            case .catalog: granted.append(scope)
            case .repository(let name):
                let right = try await access.directory.actions(of: principal, in: ProjectName(of: name))
                let actions = scope.actions.intersection(isOpen ? .pull : right)
                if !actions.isEmpty { granted.append(TokenScope(scope.subject, actions)) }
            }
        }
        return granted
    }
}
