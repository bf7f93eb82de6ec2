// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

import AccountService
import BlobStorage
import Digests
import HTTPDelivery
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import IdentityProviders
import MetadataStore
import MetadataStoreSQLite
import NIOCore
import NIOPosix
import RegistryHTTP
import RegistryService
import TestSupport

/// A registry on a real socket within the test's process.
struct RegistryHarbour: Sendable {
    let client: any TestClientProtocol
    /// Who may do what; nobody has an account at first, so that everything is open.
    let access: AccessStores

    static func open(
        _ policy: RegistryPolicy = RegistryPolicy(),
        _ body: @escaping @Sendable (RegistryHarbour) async throws -> Void
    ) async throws {
        try await TestScope.run { scope in
            let now: @Sendable () -> Timestamp = { Timestamp(millisecondsSince1970: 1_000) }
            let metadata = try SQLiteMetadataStore(path: scope.path("wharf.db"))
            let stores = RegistryStores(
                blobs: try DirectoryBlobStorage(root: scope.directory, threads: .singleton),
                metadata: metadata,
                now: now
            )
            let passwords = PasswordWork()
            let services = AccessServices(
                .init(service: "harbour"),
                metadata: metadata,
                passwords: passwords,
                now: now
            )
            let application = Application(
                responder: Faces(
                    registry: RegistryResponder(stores, policy, reception: Reception(services)),
                    tokens: TokenResponder(Reception(services))
                )
            )
            let access = AccessStores(
                metadata: metadata,
                directory: services.directory,
                passwords: passwords,
                now: now
            )
            try await application.test(.live) { client in
                try await body(RegistryHarbour(client: client, access: access))
            }
        }
    }

    /// The registry and the token service beside it, as on a server.
    private struct Faces: HTTPResponder {
        let registry: RegistryResponder
        let tokens: TokenResponder

        func respond(to request: Request, context: SiteContext) async throws -> Response {
            request.head.path?.hasPrefix("/service/") == true
                ? try await tokens.respond(to: request, context: context)
                : try await registry.respond(to: request, context: context)
        }
    }

    func send(
        _ method: HTTPRequest.Method,
        _ uri: String,
        headers: HTTPFields = [:],
        body: String? = nil
    ) async throws -> TestResponse {
        try await client.execute(
            uri: uri,
            method: method,
            headers: headers,
            body: body.map { ByteBuffer(string: $0) }
        )
    }

    /// Pushes a blob in one request and returns its digest.
    @discardableResult
    func push(_ content: String, to repository: String = "a/b") async throws -> OCIDigest {
        let digest = OCIDigest(of: Array(content.utf8))
        let response = try await send(
            .post,
            "/v2/\(repository)/blobs/uploads/?digest=\(digest)",
            body: content
        )
        guard response.status == .created else { throw Tool.Failure(description: "blob: \(response.status)") }
        return digest
    }

    /// Pushes an image of one layer and returns the manifest's bytes.
    func pushImage(_ reference: String, to repository: String = "a/b", layer: String = "layer") async throws
        -> String
    {
        let manifest = Self.manifest(
            config: (try await push("{}", to: repository), 2),
            layer: (try await push(layer, to: repository), layer.utf8.count)
        )
        let response = try await put(manifest, reference, to: repository)
        guard response.status == .created else {
            throw Tool.Failure(description: "manifest: \(response.status)")
        }
        return manifest
    }

    func put(
        _ manifest: String,
        _ reference: String,
        to repository: String = "a/b",
        type: String = "application/vnd.oci.image.manifest.v1+json"
    ) async throws -> TestResponse {
        let uri = "/v2/\(repository)/manifests/\(reference)"
        return try await send(.put, uri, headers: [.contentType: type], body: manifest)
    }

    static func manifest(config: (OCIDigest, Int), layer: (OCIDigest, Int), more: String = "") -> String {
        """
        {"schemaVersion": 2, "config": {"mediaType": "application/vnd.oci.image.config.v1+json", \
        "digest": "\(config.0)", "size": \(config.1)}, "layers": [{"mediaType": \
        "application/vnd.oci.image.layer.v1.tar", "digest": "\(layer.0)", "size": \(layer.1)}]\(more)}

        """
    }
}

extension TestResponse {
    var text: String { String(buffer: body) }

    func header(_ name: String) -> String? { HTTPField.Name(name).flatMap { headers[$0] } }
}
