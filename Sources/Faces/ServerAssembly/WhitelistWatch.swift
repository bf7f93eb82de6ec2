// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CVMFSFormat
internal import Foundation
internal import ImagePublishing
internal import Logging
internal import NIOPosix
internal import ServiceLifecycle
internal import Synchronization
internal import Telemetry

/// Keeps the whitelists of all repositories valid: looks before anything is served, and then every hour.
///
/// Without a valid whitelist no client mounts, so its expiry is part of `/readyz`.
final class WhitelistWatch: Service {
    private let writer: RepositoryWriter
    private let threads: NIOThreadPool
    private let logger: Logger
    private let expiries = Mutex<[String: Int64]>([:])

    init(writer: RepositoryWriter, threads: NIOThreadPool, logger: Logger) {
        self.writer = writer
        self.threads = threads
        self.logger = logger
    }

    func run() async throws {
        while !Task.isShuttingDownGracefully {
            try? await cancelWhenGracefulShutdown { try await Task.sleep(for: .seconds(3600)) }
            guard !Task.isShuttingDownGracefully else { return }
            do {
                try await renew()
            } catch {
                logger.error("whitelists cannot be renewed", metadata: [LogKey.error.name: "\(error)"])
            }
        }
    }

    /// Renews what expires soon.
    func renew() async throws {
        let now = Int64(Date().timeIntervalSince1970)
        let found = try await threads.runIfActive { [writer] in try writer.renewWhitelists(now: now) }
        expiries.withLock { $0 = found }
        for (name, expiry) in found {
            logger.debug(
                "whitelist is valid",
                metadata: [
                    LogKey.repositoryName.name: "\(name)",
                    LogKey.whitelistExpiry.name: "\(Self.text(expiry))",
                ]
            )
        }
    }

    /// When the whitelist of each repository ends, unix seconds.
    var known: [String: Int64] { expiries.withLock { $0 } }

    /// A moment as people read it.
    static func text(_ time: Int64) -> String { CalendarTime(unixSeconds: time).iso8601 }
}
