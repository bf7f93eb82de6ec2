// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

package import HTTPDelivery
internal import HTTPTypes
package import Hummingbird
internal import Logging
internal import OCISpec
package import RegistryService

/// Everything below `/v2`: the OCI distribution protocol, and Docker's registry protocol where they differ.
///
/// - Source: OCI distribution specification 1.1.
package struct RegistryResponder: HTTPResponder {
    package typealias Context = SiteContext

    let useCases: RegistryUseCases
    private let policy: RegistryPolicy
    private let gatekeeper: Gatekeeper

    /// Serves these stores to those whom the reception lets in.
    package init(
        _ stores: RegistryStores,
        _ policy: RegistryPolicy = RegistryPolicy(),
        reception: Reception,
        tokens: TokenSettings = TokenSettings()
    ) {
        gatekeeper = Gatekeeper(reception: reception, settings: tokens)
        useCases = RegistryUseCases(stores, policy)
        self.policy = policy
    }

    package func respond(to request: Request, context: SiteContext) async throws -> Response {
        var response: Response
        do {
            response = try await route(request, context)
        } catch let error as RegistryError.Thrown {
            response = error.refusal.response()
        } catch {
            response = answer(to: error, context)
        }
        response.headers[.dockerAPIVersion] = "registry/2.0"
        if request.method == .head { response.body = Self.withoutBytes(response.body) }
        return response
    }

    private func route(_ request: Request, _ context: SiteContext) async throws -> Response {
        guard request.head.path?.utf8.count ?? 0 <= RequestTarget.lengthLimit else {
            throw RegistryError(
                .unsupported,
                "the URL has more than \(RequestTarget.lengthLimit) bytes",
                status: 414
            ).thrown
        }
        guard let target = request.head.path.flatMap({ RequestTarget($0) }), target.segments.first == "v2",
            let route = try RegistryRoute(segments: target.segments.dropFirst())
        else {
            throw RegistryError(.nameInvalid, "the URL names nothing that the registry has", status: 404)
                .thrown
        }
        guard let endpoint = Endpoint(route: route, method: request.method) else {
            return request.method == .options ? Self.options(route) : Self.methodNotAllowed(route)
        }
        if case .startUpload = endpoint, policy.isClosing() {
            throw RegistryError(.unavailable, "the server is about to end; try again in a moment").thrown
        }
        let visitor = try await gatekeeper.admit(to: endpoint, request, target, context)
        let exchange = Exchange(
            request: request,
            target: target,
            useCases: useCases,
            context: context,
            visitor: visitor,
            reception: gatekeeper.reception
        )
        return try await exchange.respond(endpoint)
    }

    private func answer(to error: any Error, _ context: SiteContext) -> Response {
        if let refusal = RegistryError(error) {
            var response = refusal.response()
            if let offset = refusal.uploadOffset { response.headers[.range] = Exchange.uploadRange(offset) }
            return response
        }
        if BrokenBody.isMeant(by: error) {
            context.logger.debug("body broke off", metadata: ["error": "\(error)"])
            return RegistryError(.blobUploadInvalid, "the body broke off").response()
        }
        // The client gets only the number under which the log tells the truth.
        context.logger.error("request failed", metadata: ["error": "\(error)"])
        return RegistryError(.unknown, "internal error, reference \(context.id)").response()
    }

    private static func methodNotAllowed(_ route: RegistryRoute) -> Response {
        var response = RegistryError(.unsupported, "the method is not supported here").response()
        response.headers[.allow] = allowed(route)
        return response
    }

    private static func options(_ route: RegistryRoute) -> Response {
        Response(status: .noContent, headers: [.allow: allowed(route)])
    }

    private static func allowed(_ route: RegistryRoute) -> String {
        (Endpoint.methods(of: route) + [.options]).map(\.rawValue).joined(separator: ", ")
    }

    /// The body's length without its bytes.
    private static func withoutBytes(_ body: ResponseBody) -> ResponseBody {
        ResponseBody(contentLength: body.contentLength) { writer in try await writer.finish(nil) }
    }
}

extension RegistryError {
    /// A refusal on its way to the responder.
    struct Thrown: Error {
        let refusal: RegistryError
    }

    /// The refusal as an error.
    var thrown: Thrown { Thrown(refusal: self) }
}

extension HTTPField.Name {
    /// The header `Docker-Distribution-API-Version`.
    static let dockerAPIVersion = known("Docker-Distribution-API-Version")
    /// The header `Docker-Content-Digest`.
    static let dockerContentDigest = known("Docker-Content-Digest")
    /// The header `Docker-Upload-UUID`.
    static let dockerUploadUUID = known("Docker-Upload-UUID")
    /// The header `OCI-Subject`.
    static let ociSubject = known("OCI-Subject")
    /// The header `OCI-Tag`.
    static let ociTag = known("OCI-Tag")
    /// The header `OCI-Filters-Applied`.
    static let ociFiltersApplied = known("OCI-Filters-Applied")
    /// The header `Warning`.
    static let warning = known("Warning")
    /// The header `Link`.
    static let link = known("Link")

    private static func known(_ name: String) -> HTTPField.Name {
        guard let name = HTTPField.Name(name) else { preconditionFailure("not a header name: \(name)") }
        return name
    }
}
