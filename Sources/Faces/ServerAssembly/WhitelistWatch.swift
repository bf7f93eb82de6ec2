// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CVMFSFormat
internal import Foundation
internal import ImagePublishing
internal import Logging
internal import NIOPosix
internal import ServiceLifecycle
internal import Synchronization

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
                logger.error("whitelists cannot be renewed", metadata: ["error": "\(error)"])
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
                metadata: ["repository.name": "\(name)", "whitelist.expiry": "\(Self.text(expiry))"]
            )
        }
    }

    /// One line for each repository.
    var report: String {
        expiries.withLock { known in
            known.sorted { $0.key < $1.key }
                .map { "whitelist of \($0.key) valid until \(Self.text($0.value))\n" }
                .joined()
        }
    }

    private static func text(_ time: Int64) -> String { CalendarTime(unixSeconds: time).iso8601 }
}
