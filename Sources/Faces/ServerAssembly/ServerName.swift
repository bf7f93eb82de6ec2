// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import Logging
internal import MetadataStore
internal import Telemetry

/// The server's public name, which published paths contain and which therefore stays what it was at the first start.
enum ServerName {
    private static let key = "server.name"

    /// Returns the name, and stores it at the first start.
    ///
    /// A name that is configured later wins, with a warning.
    static func fix(
        _ configuration: ServerConfiguration,
        in metadata: any MetadataStore,
        logger: Logger
    ) async throws -> String {
        let stored = try await metadata.read { try $0.setting(key) }
        if let stored, configuration.serverName == nil || configuration.serverName == stored { return stored }
        let name = configuration.serverName ?? configuration.listen.description
        if let stored {
            logger.warning(
                "server name changed, published paths keep the old one",
                metadata: [LogKey.serverName.name: "\(name)", LogKey.serverNameOld.name: "\(stored)"]
            )
        }
        try await metadata.write { try $0.setSetting(key, to: name) }
        return name
    }
}
