// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CVMFSFormat
internal import CVMFSPublisher
internal import CompressionCodecs
internal import Digests
internal import FileTree
internal import Foundation
package import HTTPDelivery
internal import HTTPTypes
package import Hummingbird
package import ImagePublishing
internal import Logging
package import NIOPosix
internal import Problems

/// The calls behind `wharf repo create` and `wharf repo ingest` when a server runs on the data directory.
///
/// ```
/// POST /api/v2.0/wharf/repositories?name=N&profile=P&hash=H            makes a repository
/// POST /api/v2.0/wharf/repositories/ingest?name=N&base=B&delete=D…     body: a tar archive, or nothing
/// ```
/// Open to administrators; while there are no users, to programs on this machine.
package struct RepositoriesResponder: HTTPResponder {
    package typealias Context = SiteContext

    private let writer: RepositoryWriter
    private let scratch: String
    private let threads: NIOThreadPool
    private let reception: Reception

    /// - Parameters:
    ///   - writer: does the work.
    ///   - scratch: a directory for the bodies of requests.
    ///   - threads: for calls that block.
    ///   - reception: knows who calls.
    package init(writer: RepositoryWriter, scratch: String, threads: NIOThreadPool, reception: Reception) {
        self.reception = reception
        self.writer = writer
        self.scratch = scratch
        self.threads = threads
    }

    package func respond(to request: Request, context: SiteContext) async throws -> Response {
        guard let target = RequestTarget(request.head.path ?? "") else {
            return .problem(.notFound, "no such call")
        }
        guard request.method == .post else { return .problem(.methodNotAllowed, "this call takes POST only") }
        if let refusal = await AdministratorsOnly.refusal(request, context, reception) { return refusal }
        guard let name = target.parameter("name").flatMap({ RepositoryFQRN($0) }) else {
            return .problem(
                .badRequest,
                "the parameter 'name' must be a repository name such as sw.example.org"
            )
        }
        do {
            let isIngest = target.segments.last == "ingest"
            return isIngest ? try await ingest(request, name, target) : try await create(name, target)
        } catch let problem as any Problem {
            return .problem(.unprocessableContent, problem.description)
        } catch {
            context.logger.error("management call failed", metadata: ["error": "\(error)"])
            return .problem(.internalServerError, "the server could not do it; its log says why")
        }
    }

    private func create(_ name: RepositoryFQRN, _ target: RequestTarget) async throws -> Response {
        guard let profile = CompressionProfile(rawValue: target.parameter("profile") ?? "compact"),
            let algorithm = ContentHashAlgorithm(name: target.parameter("hash") ?? "shake128")
        else { return .problem(.badRequest, "the profile or the hash algorithm is not known") }
        let fingerprint = try await threads.runIfActive { [writer] in
            try writer.create(name, profile: profile, algorithm: algorithm)
        }
        return .json(["name": name.name, "fingerprint": fingerprint])
    }

    private func ingest(
        _ request: Request,
        _ name: RepositoryFQRN,
        _ target: RequestTarget
    ) async throws -> Response {
        let base = TreePath(target.parameter("base") ?? "")
        let deletions = target.parameters("delete").map { TreePath($0) }
        let file = "\(scratch)/ingest-\(UUID().uuidString).tar"
        defer { unlink(file) }
        let size = try await store(request, in: file)
        let revision = try await threads.runIfActive { [writer] in
            guard size > 0 else { return try writer.ingest(nil, into: name, at: base, deleting: deletions) }
            let archive = try ArchiveFile(path: file)
            return try writer.ingest(
                { try archive.read(into: $0) },
                into: name,
                at: base,
                deleting: deletions
            )
        }
        return .json(["revision": revision])
    }

    /// Puts the body into a file: an archive may be larger than memory, and publishing it blocks.
    private func store(_ request: Request, in file: String) async throws -> Int64 {
        guard let stream = fopen(file, "w") else { throw SystemCallProblem("create", file) }
        defer { fclose(stream) }
        var size: Int64 = 0
        for try await piece in request.body {
            size += Int64(piece.readableBytes)
            let written = piece.withUnsafeReadableBytes { fwrite($0.baseAddress, 1, $0.count, stream) }
            guard written == piece.readableBytes else { throw SystemCallProblem("write", file) }
        }
        guard fflush(stream) == 0 else { throw SystemCallProblem("write", file) }
        return size
    }
}
