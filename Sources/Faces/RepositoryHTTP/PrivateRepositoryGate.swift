// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

package import AccessControl
package import HTTPDelivery
internal import HTTPTypes
package import Hummingbird
internal import Logging

/// Who may read a published repository.
package enum RepositoryStanding: Hashable, Sendable {
    case everybody
    /// Those who may pull from a project.
    case members(of: ProjectName)
    /// There is no such repository that this server publishes.
    case unknown
}

/// Where it is written down who may read a published repository.
package protocol RepositoryStandings: Sendable {
    /// The standing of a repository; called for every request, so it must be quick.
    func standing(of repository: String) async throws -> RepositoryStanding
}

/// Stands before everything that is served of repositories, and lets nobody through to a private one who may not pull from
/// its project.
///
/// Whoever may not is told what is told of repositories that do not exist, after the same work: neither the answer nor the
/// time that it takes says which of the two it is. Answers of private repositories are for the asker alone, and none is given
/// over a connection that others can read. Answers that go on for long end soon after the right is taken away.
package struct PrivateRepositoryGate: HTTPResponder {
    package typealias Context = SiteContext

    private let face: any HTTPResponder<SiteContext>
    private let standings: any RepositoryStandings
    private let reception: Reception
    private let isSecure: Bool
    private let suffix: String
    private let nothing: @Sendable (Request) -> Response

    /// - Parameters:
    ///   - face: what is behind.
    ///   - standings: who may read what.
    ///   - reception: knows who calls.
    ///   - isSecure: whether the server speaks TLS.
    ///   - suffix: what follows the repository's name in the second segment of paths.
    ///   - nothing: what the face answers where there is no repository.
    package init(
        _ face: any HTTPResponder<SiteContext>,
        standings: any RepositoryStandings,
        reception: Reception,
        isSecure: Bool,
        suffix: String,
        nothing: @escaping @Sendable (Request) -> Response
    ) {
        self.nothing = nothing
        self.face = face
        self.standings = standings
        self.reception = reception
        self.isSecure = isSecure
        self.suffix = suffix
    }

    package func respond(to request: Request, context: SiteContext) async throws -> Response {
        guard let target = request.head.path.flatMap({ RequestTarget($0) }), target.segments.count >= 2,
            target.segments[1].hasSuffix(suffix),
            case let name = String(target.segments[1].dropLast(suffix.count)),
            RepositoryDirectoryName.isValid(name)
        else { return try await face.respond(to: request, context: context) }
        let standing: RepositoryStanding
        do {
            standing = try await standings.standing(of: name)
        } catch {
            context.logger.error("serving a repository failed", metadata: ["error": "\(error)"])
            return RepositoryResponder.refusal(.internalServerError)
        }
        switch standing {
        case .everybody: return try await face.respond(to: request, context: context)
        case .unknown:
            // As for a private one: checking a password takes its time.
            if request.headers[.authorization] != nil { _ = try? await reception.visitor(request, context) }
            return try await face.respond(to: request, context: context)
        case .members(let project):
            guard let visitor = await welcome(request, context, project) else {
                return nothing(request)
            }
            var context = context
            context.isStillAllowed = { [reception] in
                // Whoever cannot be asked about is sent away: they come back.
                (try? await reception.mayStillPull(visitor, from: project)) ?? false
            }
            var response = try await face.respond(to: request, context: context)
            response.headers[.cacheControl] = "private, no-store"
            return response
        }
    }

    /// Who sends a request, if they may have what they ask for.
    private func welcome(_ request: Request, _ context: SiteContext, _ project: ProjectName) async -> Visitor?
    {
        guard reception.isConfidential(request, context, isSecure: isSecure) else { return nil }
        do {
            let visitor = try await reception.visitor(request, context)
            return try await reception.mayPull(visitor, from: project) ? visitor : nil
        } catch {
            // Wrong credentials are in the log already.
            return nil
        }
    }
}
