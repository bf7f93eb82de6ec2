// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import HTTPDelivery
internal import Hummingbird
internal import HummingbirdCore
internal import Logging
internal import NIOCore
internal import Problems
internal import Telemetry

/// The listening side of the server: limits of the protocol, and the errors of binding.
enum HTTPService {
    /// Tokens of single sign-on make header fields of up to 32 KiB; what is larger is an attack.
    static let headerFieldLimitInBytes = 32 << 10
    static let headerLimitInBytes = 64 << 10

    static func application(
        responder: ObservedResponder,
        configuration: ServerConfiguration,
        certificate: ServerCertificate?,
        metrics: RequestMetrics,
        logger: Logger,
        onRunning: @escaping @Sendable () -> Void
    ) -> some ApplicationProtocol {
        let connections = min(configuration.connectionLimit, OpenFiles.connections())
        if connections < configuration.connectionLimit {
            logger.notice(
                "the limit of open files bounds the connections",
                metadata: [LogKey.connectionLimit.name: "\(connections)"]
            )
        }
        return Application(
            responder: responder,
            server: server(configuration, certificate, metrics),
            configuration: ApplicationConfiguration(
                address: .hostname(configuration.listen.host, port: configuration.listen.port),
                serverName: "wharf",
                backlog: 1024,
                availableConnectionsDelegate: MaximumAvailableConnections(connections)
            ),
            onServerRunning: { _ in onRunning() },
            logger: logger
        )
    }

    private static func server(
        _ configuration: ServerConfiguration,
        _ certificate: ServerCertificate?,
        _ metrics: RequestMetrics
    ) -> HTTPServerBuilder {
        let pace = ConnectionPace(
            headerTimeout: TimeAmount(configuration.headerTimeout),
            idleTimeout: TimeAmount(configuration.idleTimeout),
            shutdownTimeout: TimeAmount(configuration.shutdownTimeout)
        )
        let wire: ConnectionInstaller.Wire = certificate == nil ? .plain : .encrypted
        var http = HTTP1Channel.Configuration(
            additionalChannelHandlers: [
                ConnectionInstaller(wire), RequestGuard(pace: pace, layer: .connection),
                ConnectionCounter(metrics),
            ],
            idleTimeout: pace.idleTimeout
        )
        http.httpDecoder = .init(
            maxHeaderFieldSize: headerFieldLimitInBytes,
            maxHeaderListSize: headerLimitInBytes,
            maxHeaderFieldCount: 200
        )
        guard let certificate else { return .http1(configuration: http) }
        return HTTPServerBuilder { [http] responder in
            SecureChannel(certificate: certificate, pace: pace, http1: http, responder: responder)
        }
    }

    static func translate(_ error: any Error, address: ListenAddress) -> any Error {
        guard let error = error as? IOError else { return error }
        guard error.errnoCode == EADDRINUSE else {
            return ServerProblem(
                .addressUnusable,
                "cannot listen on \(address)",
                remedy: "choose another address with --listen",
                cause: SystemCallProblem("bind", address.description, errorNumber: error.errnoCode)
            )
        }
        return PortProbe.taken(address)
    }
}
