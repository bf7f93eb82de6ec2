// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import HTTPDelivery
internal import Hummingbird
internal import HummingbirdCore
internal import Logging
internal import NIOCore
internal import Problems

/// The listening side of the server: limits of the protocol, and the errors of binding.
enum HTTPService {
    static func application(
        responder: ObservedResponder,
        configuration: ServerConfiguration,
        metrics: RequestMetrics,
        logger: Logger,
        onRunning: @escaping @Sendable () -> Void
    ) -> some ApplicationProtocol {
        var http = HTTP1Channel.Configuration(
            additionalChannelHandlers: [FileRegionInstaller(), ConnectionCounter(metrics)],
            idleTimeout: TimeAmount(configuration.idleTimeout)
        )
        // Tokens of single sign-on make header blocks of up to 32 KiB; what is larger is an attack.
        http.httpDecoder = .init(
            maxHeaderFieldSize: 32 << 10,
            maxHeaderListSize: 64 << 10,
            maxHeaderFieldCount: 200
        )
        return Application(
            responder: responder,
            server: .http1(configuration: http),
            configuration: ApplicationConfiguration(
                address: .hostname(configuration.listen.host, port: configuration.listen.port),
                serverName: "wharf",
                backlog: 1024
            ),
            onServerRunning: { _ in onRunning() },
            logger: logger
        )
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
