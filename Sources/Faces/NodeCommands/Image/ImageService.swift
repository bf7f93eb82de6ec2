// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import HTTPFetching
internal import OCISpec
internal import Problems

#if canImport(Glibc)
internal import Glibc
#endif

/// What goes wrong when a registry is asked about images.
struct ImageServiceProblem: Problem {
    enum Code: String, CaseIterable, Sendable {
        case badReference = "bad-reference"
        case notFound = "image-not-found"
        case unreachable = "registry-unreachable"
        case badAnswer = "bad-answer"
        case refused
    }

    let code: Code
    let message: String
    var remedy: String?
    var cause: (any Error)?

    var identifier: String { code.rawValue }
}

/// The calls of a registry that tell about images.
struct ImageService {
    private let base: String
    /// What is shown to the registry, if it does not serve everybody.
    var authorization: Authorization?

    /// Asks the registry at an address.
    init(server: String) {
        base = server.hasSuffix("/") ? String(server.dropLast()) : server
    }

    /// Asks the registry that a reference names: plain HTTP on this machine, HTTPS elsewhere.
    init(reference: String, server: String?) throws(ImageServiceProblem) {
        if let server {
            self.init(server: server)
            return
        }
        let host = try Self.parse(reference).host
        self.init(server: (Self.isLoopback(host) ? "http://" : "https://") + host)
    }

    func list() throws(ImageServiceProblem) -> ImageAnswer { try get("", naming: base) }

    func status(of reference: String) throws(ImageServiceProblem) -> ImageAnswer {
        try get("/status" + Self.query(reference), naming: reference)
    }

    func difference(of reference: String) throws(ImageServiceProblem) -> ImageAnswer {
        try get("/diff" + Self.query(reference), naming: reference)
    }

    /// Decides about one tag: `publish`, `unpublish`, or `rules` to leave it to the project's rules.
    func decide(_ wish: String, about reference: String) throws -> ImageAnswer {
        let digest = try Self.parse(reference).digest.map { "&digest=\($0)" } ?? ""
        let query = try Self.query(reference) + "&wish=\(wish)" + digest
        return try get("/publication" + query, naming: reference, isChange: true)
    }

    /// The reference as the registry prints it.
    static func normalised(_ reference: String) throws(ImageServiceProblem) -> String {
        let parsed = try parse(reference)
        return "\(parsed.host)/\(parsed.repository):\(parsed.tag ?? .latest)"
    }

    // MARK: Requests

    private func get(_ call: String, naming subject: String, isChange: Bool = false)
        throws(ImageServiceProblem) -> ImageAnswer
    {
        var configuration = HTTPFetcher.Configuration()
        configuration.authorization = authorization
        let fetcher = HTTPFetcher(configuration)
        defer { fetcher.close() }
        let collector = AnswerCollector()
        var request = FetchRequest(url: base + "/api/v2.0/wharf/images" + call)
        request.isChange = isChange
        do {
            _ = try fetcher.get(request, into: collector)
        } catch {
            throw Self.problem(error, base: base, subject: subject)
        }
        return ImageAnswer(bytes: collector.bytes, server: base)
    }

    private static func problem(_ error: any Error, base: String, subject: String) -> ImageServiceProblem {
        if let fetch = error as? FetchProblem, fetch.status == 404 {
            return ImageServiceProblem(
                code: .notFound,
                message: "the registry at \(base) knows no image \(subject)",
                remedy: "see 'wharf image ls --server \(base)'"
            )
        }
        if let status = (error as? FetchProblem)?.status, [401, 403, 409].contains(status) {
            return ImageServiceProblem(
                code: .refused,
                message: status == 409
                    ? "the tag of \(subject) points to another image now"
                    : "the registry at \(base) does not let you change \(subject)",
                remedy: status == 409 ? "see 'wharf image status'" : "show who you are with --token-file"
            )
        }
        return ImageServiceProblem(
            code: .unreachable,
            message: "cannot ask the registry at \(base)",
            remedy: "check that it runs, or name it with --server",
            cause: error
        )
    }

    private static func query(_ reference: String) throws(ImageServiceProblem) -> String {
        let parsed = try parse(reference)
        return "?repository=\(parsed.repository)&tag=\(parsed.tag ?? .latest)"
    }

    private static func parse(_ reference: String) throws(ImageServiceProblem) -> ImageReference {
        do {
            return try ImageReference(reference)
        } catch {
            throw ImageServiceProblem(
                code: .badReference,
                message: "'\(reference)' is no image",
                cause: error
            )
        }
    }

    private static func isLoopback(_ host: String) -> Bool {
        let name =
            host.hasPrefix("[")
            ? String(host.prefix { $0 != "]" }.dropFirst()) : String(host.prefix { $0 != ":" })
        return name == "localhost" || name == "::1" || name.hasPrefix("127.")
    }
}

/// Keeps an answer in memory, up to a limit.
private final class AnswerCollector: ContentReceiver {
    private(set) var bytes: [UInt8] = []
    private static let limit = 256 << 20

    func restart() { bytes = [] }

    func receive(_ piece: UnsafeRawBufferPointer) throws {
        guard bytes.count + piece.count <= Self.limit else {
            throw ImageServiceProblem(code: .badAnswer, message: "the registry's answer is too long")
        }
        bytes += piece
    }

    func finish() {}
}

/// Waiting between two looks.
enum Pause {
    static func halfASecond() { usleep(500_000) }
}
