// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import AccessControl
internal import AccountService
package import HTTPDelivery
internal import HTTPTypes
package import Hummingbird
internal import IdentityProviders
internal import Logging
internal import Problems

/// Carries the calls about access over HTTP: to administrators, and to the server's own socket.
package struct AccessResponder: HTTPResponder {
    package typealias Context = SiteContext

    static let prefix = ["api", "v2.0", "wharf", "access"]
    private static let bodyLimit = 4 << 20

    private let calls: AccessCalls
    private let reception: Reception

    /// Serves these calls.
    package init(_ calls: AccessCalls, reception: Reception) {
        self.calls = calls
        self.reception = reception
    }

    package func respond(to request: Request, context: SiteContext) async throws -> Response {
        do {
            let visitor = try await reception.visitor(request, context)
            // The first account is made on the server's machine only, by whoever owns the server.
            guard visitor.principal.isAdministrator else {
                return .problem(
                    visitor.hasCredentials ? .forbidden : .unauthorized,
                    "this call is for administrators, and for 'wharf admin' on the server's machine"
                )
            }
            guard let target = RequestTarget(request.head.path ?? ""),
                target.segments.starts(with: Self.prefix)
            else {
                return .problem(.notFound, "there is no such call")
            }
            let body = try await request.body.collect(upTo: Self.bodyLimit)
            let query = ["project", "before", "limit", "revoke"].compactMap { name in
                target.parameter(name).map { (name, $0) }
            }
            let answer = try await calls.answer(
                AccessCalls.Call(
                    method: request.method.rawValue,
                    path: Array(target.segments.dropFirst(Self.prefix.count)),
                    query: Dictionary(query, uniquingKeysWith: { first, _ in first }),
                    body: Array(buffer: body),
                    actor: visitor.actor
                )
            )
            return Response(
                status: .ok,
                headers: [.contentType: "application/json", .cacheControl: "no-store"],
                body: ResponseBody(byteBuffer: ByteBuffer(bytes: answer))
            )
        } catch {
            return Self.answer(to: error, context)
        }
    }

    private static func answer(to error: any Error, _ context: SiteContext) -> Response {
        switch error {
        case let problem as AccountProblem: return .problem(status(problem.code), problem.description)
        case let problem as AccessCallProblem:
            return .problem(problem.code == .noSuchCall ? .notFound : .badRequest, problem.message)
        case let problem as IdentityProblem: return .problem(status(problem.code), problem.message)
        case let error as HTTPError: return .problem(error.status, error.body ?? "the request is not valid")
        default:
            context.logger.error("management call failed", metadata: ["error": "\(error)"])
            return .problem(.internalServerError, "the server could not do it; its log says why")
        }
    }

    static func status(_ code: AccountProblem.Code) -> HTTPResponse.Status {
        switch code {
        case .exists, .projectNotEmpty, .lastAdministrator, .repositoryTaken: .conflict
        case .unknown: .notFound
        case .invalid: .unprocessableContent
        }
    }

    static func status(_ code: IdentityProblem.Code) -> HTTPResponse.Status {
        switch code {
        case .badCredentials, .badToken: .unauthorized
        case .throttled: .tooManyRequests
        case .passwordWork: .serviceUnavailable
        }
    }
}
