// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import AccountService
internal import Foundation
internal import HTTPDelivery
internal import IdentityProviders
internal import Logging
package import ManagementHTTP
package import MetadataStore
internal import Problems
internal import RegistryHTTP
internal import ServiceLifecycle
internal import Telemetry

/// Who may do what on the server: the services behind every face.
struct ServerAccess {
    let reception: Reception
    let tokens: TokenSettings
    let calls: AccessCalls

    /// Builds the services over a database, and makes the configured administrator if there is no account yet.
    ///
    /// - Throws: `openToNetwork` if the server would be open to everybody who reaches it.
    init(
        _ configuration: ServerConfiguration,
        name: String,
        metadata: any MetadataStore,
        logger: Logger
    ) async throws {
        let passwords = PasswordWork()
        let services = AccessServices(
            configuration.access(service: name),
            metadata: metadata,
            passwords: passwords,
            now: WallClock.now
        )
        let stores = AccessStores(
            metadata: metadata,
            directory: services.directory,
            passwords: passwords,
            now: WallClock.now
        )
        if let password = try configuration.firstPassword() {
            let isNew = try await Accounts(stores)
                .createFirst(configuration.administratorName, password: password)
            if isNew {
                logger.notice(
                    "administrator created from the configuration",
                    metadata: [LogKey.userName.name: "\(configuration.administratorName)"]
                )
            }
        }
        let isOpen = try await services.directory.isOpen()
        guard configuration.listen.isLoopback || !isOpen else {
            throw ServerProblem(
                .openToNetwork,
                "refusing to listen on \(configuration.listen): there are no users yet, so everyone who reaches it could "
                    + "write",
                remedy: "make an administrator first (wharf admin user create NAME --admin --data DIR, or "
                    + "access.administrator.passwordFile), or listen on 127.0.0.1"
            )
        }
        reception = Reception(services, proxies: configuration.trustedProxies)
        tokens = TokenSettings(
            externalURL: configuration.externalURL,
            isSecure: configuration.certificateFiles != nil
        )
        calls = AccessCalls(stores, tokens: services.tokens, robotPrefix: configuration.robotPrefix)
    }
}

/// The calls about access for a command that has the data directory to itself.
package struct OfflineAccess: Sendable {
    /// Answers the calls.
    package let calls: AccessCalls

    /// Opens the database in a directory that is locked.
    package init(_ data: DataDirectory, metadata: any MetadataStore) async throws {
        let configuration = ServerConfiguration()
        let name = try await metadata.read { try $0.setting("server.name") }
        let access = try await ServerAccess(
            configuration,
            name: name ?? configuration.listen.description,
            metadata: metadata,
            logger: Logger(label: "wharf")
        )
        calls = access.calls
    }
}

/// Removes the records of changes that are older than they need to be, once a day.
struct AuditSweep: Service {
    let metadata: any MetadataStore
    let retention: Duration
    let logger: Logger

    func run() async throws {
        while !Task.isShuttingDownGracefully {
            do {
                let deadline = WallClock.now().before(retention)
                try await metadata.write { try $0.deleteAuditRecords(before: deadline) }
            } catch {
                logger.warning("removing old audit records failed", metadata: [LogKey.error.name: "\(error)"])
            }
            try? await cancelWhenGracefulShutdown { try await Task.sleep(for: .seconds(86_400)) }
        }
    }
}

extension ServerConfiguration {
    fileprivate func access(service: String) -> AccessServices.Configuration {
        var access = AccessServices.Configuration(service: service)
        access.tokenLifetime = tokenLifetime
        access.refreshTokenLifetime = refreshTokenLifetime
        access.tokenKeyRotation = tokenKeyRotation
        return access
    }

    /// The first administrator's password, from the configuration or from the file that it names.
    ///
    /// A line break at the end of the file is not part of it.
    fileprivate func firstPassword() throws -> String? {
        guard let file = administratorPasswordFile else { return administratorPassword }
        guard let text = try? String(contentsOfFile: file, encoding: .utf8) else {
            throw ServerProblem(
                .secretUnreadable,
                "the file \(file) of access.administrator.passwordFile cannot be read",
                remedy: "check the path and its permissions"
            )
        }
        return text.trimmingCharacters(in: .newlines)
    }
}
