// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

package import HTTPDelivery
internal import HTTPTypes
package import Hummingbird
internal import IdentityProviders
package import ImagePublishing
internal import Logging
package import MetadataStore
package import NIOPosix
internal import OCISpec
internal import Problems

/// The management API, as far as it goes: what became of the images that were pushed.
///
/// ```
/// GET /api/v2.0/wharf/images                               all tags, in order
/// GET /api/v2.0/wharf/images/status?repository=R&tag=T     one tag
/// GET /api/v2.0/wharf/images/diff?repository=R&tag=T       how its tree differs from its layers
/// POST /api/v2.0/wharf/images/publication?repository=R&tag=T&wish=publish|unpublish|rules[&digest=D]
///                                                          decides about one tag; for those who may push
/// ```
/// Errors are problem details (RFC 9457).
package struct ImagesResponder: HTTPResponder {
    package typealias Context = SiteContext

    private let metadata: any MetadataStore
    private let inspector: ImageInspector
    private let registry: String
    private let threads: NIOThreadPool
    private let reception: Reception
    private let now: @Sendable () -> Timestamp
    private let delay: @Sendable () -> String?

    package init(
        metadata: any MetadataStore,
        inspector: ImageInspector,
        registry: String,
        threads: NIOThreadPool,
        reception: Reception,
        now: @escaping @Sendable () -> Timestamp,
        delay: @escaping @Sendable () -> String?
    ) {
        self.now = now
        self.delay = delay
        self.reception = reception
        self.metadata = metadata
        self.inspector = inspector
        self.registry = registry
        self.threads = threads
    }

    package func respond(to request: Request, context: SiteContext) async throws -> Response {
        guard let target = RequestTarget(request.head.path ?? ""), target.segments.starts(with: Self.prefix)
        else {
            return .problem(.notFound, "there is no such call")
        }
        let call = Array(target.segments.dropFirst(Self.prefix.count))
        let isChange = call == ["publication"]
        guard isChange ? request.method == .post : request.method == .get || request.method == .head else {
            return .problem(.methodNotAllowed, "this call takes \(isChange ? "POST" : "GET") only")
        }
        do {
            let visitor = try await reception.visitor(request, context)
            switch call {
            case ["publication"]: return try await decide(target, visitor, request, context)
            case [], [""]:
                return .json(try await visible(visitor).map { shown($0) })
            case ["status"]: return try await status(target, visitor)
            case ["diff"]: return try await difference(target, visitor)
            default: return .problem(.notFound, "there is no such call")
            }
        } catch let problem as IdentityProblem {
            return .problem(AccessResponder.status(problem.code), problem.message)
        } catch let problem as ImageProblem {
            return .problem(.notFound, problem.description)
        } catch {
            context.logger.error("management call failed", metadata: ["error": "\(error)"])
            return .problem(.internalServerError, "the server could not answer; its log says why")
        }
    }

    private static let prefix = ["api", "v2.0", "wharf", "images"]

    private func shown(_ record: PublicationRecord) -> ImageStatus {
        ImageStatus(record, registry: registry, delay: delay())
    }

    /// What a visitor may know of: the publications of the repositories that they may pull.
    private func visible(_ visitor: Visitor) async throws -> [PublicationRecord] {
        var visible: [PublicationRecord] = []
        for record in try await metadata.publications() {
            if try await reception.mayPull(visitor, record.repository) { visible.append(record) }
        }
        return visible
    }

    private func status(_ target: RequestTarget, _ visitor: Visitor) async throws -> Response {
        guard let (repository, tag) = Self.names(in: target) else { return Self.badNames }
        guard try await reception.mayPull(visitor, repository),
            let record = try await metadata.publication(of: repository, tag: tag), record.digest != nil
        else { return Self.unknown(repository, tag) }
        return .json(shown(record))
    }

    private func difference(_ target: RequestTarget, _ visitor: Visitor) async throws -> Response {
        guard let (repository, tag) = Self.names(in: target) else { return Self.badNames }
        guard try await reception.mayPull(visitor, repository) else { return Self.unknown(repository, tag) }
        let lines = try await threads.runIfActive { [inspector] in try inspector.difference(repository, tag) }
        return .json(["differences": lines])
    }

    private func decide(
        _ target: RequestTarget,
        _ visitor: Visitor,
        _ request: Request,
        _ context: SiteContext
    ) async throws -> Response {
        guard let (repository, tag) = Self.names(in: target) else { return Self.badNames }
        guard let decision = PublicationDecision(target.parameter("wish"), digest: target.parameter("digest"))
        else {
            return .problem(.badRequest, "'wish' must be publish, unpublish or rules, and 'digest' a digest")
        }
        guard try await reception.mayPull(visitor, repository) else { return Self.unknown(repository, tag) }
        if let refusal = try await reception.refusalToChange(repository, visitor, request, context) {
            return .problem(visitor.hasCredentials ? .forbidden : .unauthorized, refusal)
        }
        switch try await decision.take(on: repository, tag, in: metadata, by: visitor.actor, at: now()) {
        case .noSuchTag: return Self.unknown(repository, tag)
        case .otherDigest: return .problem(.conflict, "the tag \(tag) points to another manifest now")
        case .taken(let record): return .json(shown(record))
        }
    }

    private static func names(in target: RequestTarget) -> (RepositoryName, TagName)? {
        guard let repository = target.parameter("repository").flatMap({ RepositoryName($0) }),
            let tag = target.parameter("tag").flatMap({ TagName($0) })
        else { return nil }
        return (repository, tag)
    }

    private static func unknown(_ repository: RepositoryName, _ tag: TagName) -> Response {
        .problem(.notFound, "there is no tag \(tag) in the repository \(repository)")
    }

    private static var badNames: Response {
        .problem(.badRequest, "the parameters 'repository' and 'tag' must name a repository and a tag")
    }
}
