// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import AccessControl
internal import HTTPDelivery
internal import Hummingbird
internal import IdentityProviders
internal import Logging

/// The rule of calls that change the system as a whole.
enum AdministratorsOnly {
    /// The refusal of a caller who is no administrator; while there are no accounts, of one who is not on this machine.
    static func refusal(_ request: Request, _ context: SiteContext, _ reception: Reception) async -> Response?
    {
        let visitor: Visitor
        do {
            visitor = try await reception.visitor(request, context)
        } catch let problem as IdentityProblem {
            return .problem(AccessResponder.status(problem.code), problem.message)
        } catch {
            context.logger.error("management call failed", metadata: ["error": "\(error)"])
            return .problem(.internalServerError, "the server could not do it; its log says why")
        }
        if visitor.principal.isAdministrator { return nil }
        guard visitor.isEverythingOpen else {
            return .problem(
                visitor.hasCredentials ? .forbidden : .unauthorized,
                "this call is for administrators"
            )
        }
        let refusal = AnonymousWriteRule.refusal(
            peer: context.peerAddress,
            host: request.head.authority,
            headers: request.headers.lazy.map { ($0.name.rawName, $0.value) }
        )
        return refusal.map { .problem(.forbidden, $0.message) }
    }
}
