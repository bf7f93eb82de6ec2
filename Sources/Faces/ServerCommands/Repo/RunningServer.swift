// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import AsyncHTTPClient
internal import Foundation
internal import NIOCore
internal import NIOHTTP1
internal import Problems
internal import ServerAssembly

/// A server that runs on a data directory: it has the directory's lock, so changes go through it.
struct RunningServer {
    private let base: String

    private init(socket: String) {
        // In such a URL the whole path of the socket stands in the place of the host.
        let host = socket.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
        base = "http+unix://\(host)/api/v2.0"
    }

    /// Runs `alone` with the directory's lock, or `through` the server that has it.
    static func orAlone<Value>(
        data: String,
        alone: (DataDirectory) async throws -> Value,
        through: (RunningServer) async throws -> Value
    ) async throws -> Value {
        do {
            return try await alone(try DataDirectory(opening: data))
        } catch let problem as ServerProblem where problem.code == .dataInUse {
            // The socket is there only while a server is ready; another command may hold the lock as well.
            let socket = LocalSocketPath.path(in: data)
            guard access(socket, F_OK) == 0 else { throw problem }
            guard access(socket, W_OK) == 0 else {
                throw RepoProblem(
                    .refused,
                    "the running server listens to its owner only, on \(socket)",
                    remedy: "run the command as root or as the owner of \(data)"
                )
            }
            return try await through(RunningServer(socket: socket))
        }
    }

    /// Makes a call and returns the members of its answer.
    ///
    /// - Throws: `refused` with what the server said.
    func post(_ call: String, query: [(String, String)], file: String? = nil) async throws -> [String: Any] {
        var components = URLComponents()
        components.queryItems = query.map { URLQueryItem(name: $0.0, value: $0.1) }
        let encoded = (components.percentEncodedQuery ?? "").replacing("+", with: "%2B")
        var request = HTTPClientRequest(url: base + "/wharf/repositories" + call + "?" + encoded)
        request.method = .POST
        if let file { request.body = .stream(try ArchivePieces(path: file), length: .unknown) }
        return Self.members(of: try await Self.answer(request)) ?? [:]
    }

    /// Makes a call of the management API with a JSON document and returns the answer's bytes.
    ///
    /// - Throws: `refused` with what the server said.
    func call(_ method: String, _ target: String, body: [UInt8]) async throws -> [UInt8] {
        var request = HTTPClientRequest(url: base + target)
        request.method = HTTPMethod(rawValue: method)
        if !body.isEmpty { request.body = .bytes(body) }
        return try await Self.answer(request)
    }

    private static func answer(_ request: HTTPClientRequest) async throws -> [UInt8] {
        // The shared client gives up after 90 seconds of silence; a collection of a million blobs takes longer.
        let client = HTTPClient(configuration: HTTPClient.Configuration())
        let result: (status: HTTPResponseStatus, body: [UInt8])
        do {
            let response = try await client.execute(request, deadline: .distantFuture)
            result = (response.status, Array(buffer: try await response.body.collect(upTo: 64 << 20)))
        } catch {
            // Why the call failed is what counts.
            try? await client.shutdown()
            throw error
        }
        try await client.shutdown()
        let (status, body) = result
        guard status == .ok else {
            let detail = members(of: body)?["detail"] as? String ?? "status \(status.code)"
            throw RepoProblem(.refused, "the running server refused: \(detail)")
        }
        return body
    }

    private static func members(of body: [UInt8]) -> [String: Any]? {
        // What is no object has no members.
        try? JSONSerialization.jsonObject(with: Data(body)) as? [String: Any]
    }
}

/// An archive as pieces of a request's body, read on a thread that may block.
private struct ArchivePieces: AsyncSequence, Sendable {
    let path: String

    init(path: String) throws {
        self.path = path
        guard path == "-" || access(path, R_OK) == 0 else { throw SystemCallProblem("read", path) }
    }

    struct Iterator: AsyncIteratorProtocol {
        private let handle: FileHandle?

        init(path: String) {
            handle = path == "-" ? .standardInput : FileHandle(forReadingAtPath: path)
        }

        mutating func next() async throws -> ByteBuffer? {
            guard let handle else { return nil }
            let piece = try await CommandThread.run { try handle.read(upToCount: 1 << 20) }
            return piece.flatMap { $0.isEmpty ? nil : ByteBuffer(bytes: $0) }
        }
    }

    func makeAsyncIterator() -> Iterator { Iterator(path: path) }
}
