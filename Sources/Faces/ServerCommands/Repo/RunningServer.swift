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

    /// Runs `alone` with the directory's lock, or `through` the server that has it.
    static func orAlone<Value>(
        data: String,
        alone: (DataDirectory) async throws -> Value,
        through: (RunningServer) async throws -> Value
    ) async throws -> Value {
        do {
            return try await alone(try DataDirectory(opening: data))
        } catch let problem as ServerProblem where problem.code == .dataInUse {
            // The file is there only while a server is ready; another command may hold the lock as well.
            guard let text = try? String(contentsOfFile: data + "/listen", encoding: .utf8) else {
                throw problem
            }
            let address = text.trimmingCharacters(in: .whitespacesAndNewlines)
            return try await through(RunningServer(base: "http://\(address)/api/v2.0/wharf/repositories"))
        }
    }

    /// Makes a call and returns the members of its answer.
    ///
    /// - Throws: `refused` with what the server said.
    func post(_ call: String, query: [(String, String)], file: String? = nil) async throws -> [String: Any] {
        var components = URLComponents()
        components.queryItems = query.map { URLQueryItem(name: $0.0, value: $0.1) }
        let encoded = (components.percentEncodedQuery ?? "").replacing("+", with: "%2B")
        var request = HTTPClientRequest(url: base + call + "?" + encoded)
        request.method = .POST
        if let file { request.body = .stream(try ArchivePieces(path: file), length: .unknown) }
        let response = try await HTTPClient.shared.execute(request, deadline: .distantFuture)
        let body = try await response.body.collect(upTo: 1 << 20)
        let members = try? JSONSerialization.jsonObject(with: Data(body.readableBytesView)) as? [String: Any]
        guard response.status == .ok else {
            let detail = members?["detail"] as? String ?? "status \(response.status.code)"
            throw RepoProblem(.refused, "the running server refused: \(detail)")
        }
        return members ?? [:]
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
