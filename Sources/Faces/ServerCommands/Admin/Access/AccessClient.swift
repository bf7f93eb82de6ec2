// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import AsyncHTTPClient
internal import Foundation
internal import ManagementHTTP
internal import MetadataStore
internal import MetadataStoreSQLite
internal import NIOCore
internal import NIOHTTP1
internal import ServerAssembly

/// Makes the calls about access: to the server that runs on a data directory, through its socket, or, if none does, in this
/// process with the directory's lock.
struct AccessClient {
    let data: String

    /// Makes a call and reads its answer.
    ///
    /// - Throws: `noData` if there is no data of a server; only the making of the first account makes some.
    func call<Answer: Decodable>(
        _ method: String,
        _ path: [String],
        query: [String: String] = [:],
        body: (any Encodable)? = nil
    ) async throws -> Answer {
        let mayMakeData = method == "POST" && path == ["users"]
        guard mayMakeData || access(data + "/wharf.db", F_OK) == 0 else {
            throw AdminProblem.noData(in: data)
        }
        let bytes = try body.map { [UInt8](try JSONEncoder().encode($0)) } ?? []
        let answer = try await RunningServer.orAlone(
            data: data,
            alone: { try await Self.alone($0, method, path, query, bytes) },
            through: { try await $0.call(method, Self.target(path, query), body: bytes) }
        )
        return try JSONDecoder().decode(Answer.self, from: Data(answer))
    }

    /// Makes a call whose answer says nothing.
    func call(_ method: String, _ path: [String], query: [String: String] = [:], body: (any Encodable)? = nil)
        async throws
    {
        let _: AccessDocument.Done = try await call(method, path, query: query, body: body)
    }

    private static func alone(
        _ directory: DataDirectory,
        _ method: String,
        _ path: [String],
        _ query: [String: String],
        _ body: [UInt8]
    ) async throws -> [UInt8] {
        let metadata = try SQLiteMetadataStore(path: directory.database)
        let access = try await OfflineAccess(directory, metadata: metadata)
        return try await access.calls.answer(
            AccessCalls.Call(
                method: method,
                path: path,
                query: query,
                body: body,
                actor: AuditActor(name: "local")
            )
        )
    }

    private static func target(_ path: [String], _ query: [String: String]) -> String {
        let segments = ["wharf", "access"] + path
        let encoded = segments.map {
            "/" + ($0.addingPercentEncoding(withAllowedCharacters: .unreserved) ?? "")
        }
        let pairs = query.sorted { $0.key < $1.key }.map { name, value in
            name + "=" + (value.addingPercentEncoding(withAllowedCharacters: .unreserved) ?? "")
        }
        return encoded.joined() + (pairs.isEmpty ? "" : "?" + pairs.joined(separator: "&"))
    }
}

extension CharacterSet {
    /// The characters that mean themselves in every part of a URL.
    ///
    /// - Source: RFC 3986, section 2.3.
    fileprivate static let unreserved = CharacterSet(
        charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
    )
}
