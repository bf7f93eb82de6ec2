// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import HTTPDelivery
internal import Hummingbird
internal import Logging
internal import Problems
internal import ServiceLifecycle

/// Where the server's own socket is.
package enum LocalSocketPath {
    /// The path of the socket within a data directory.
    package static func path(in data: String) -> String { data + "/admin.sock" }
}

/// The server's own socket on its machine, `<data>/admin.sock`: whoever may open it may do everything.
///
/// It is made in a directory that only the server's owner can enter, and moved out when its mode is right.
struct LocalSocket: Service {
    let data: DataDirectory
    let responder: ObservedResponder
    let logger: Logger

    /// The kernel's limit for the name of a socket, with the final zero byte.
    private static let pathLimit = 108

    func run() async throws {
        let (aside, path) = (data.temporary + "/admin.sock", LocalSocketPath.path(in: data.path))
        guard aside.utf8.count < Self.pathLimit else {
            logger.warning(
                "no local socket: the path of the data directory is too long",
                metadata: ["path": "\(path)"]
            )
            try? await gracefulShutdown()
            return
        }
        unlink(aside)
        let logger = logger
        let application = Application(
            responder: responder,
            server: .http1(),
            configuration: ApplicationConfiguration(
                address: .unixDomainSocket(path: aside),
                serverName: "wharf"
            ),
            onServerRunning: { _ in
                guard chmod(aside, 0o600) == 0, rename(aside, path) == 0 else {
                    logger.warning(
                        "no local socket",
                        metadata: ["error": "\(SystemCallProblem("rename", path))"]
                    )
                    return
                }
            },
            logger: logger
        )
        defer { unlink(path) }
        try await application.run()
    }
}
