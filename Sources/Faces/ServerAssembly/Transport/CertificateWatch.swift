// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import Foundation
internal import Logging
internal import NIOPosix
internal import ServiceLifecycle
internal import UnixSignals

/// Reads the certificate and the key again when they have changed, and at SIGHUP.
///
/// A pair that cannot be used is told of and left alone; the old one goes on serving. While a tool writes one file after the
/// other they do not fit each other for a moment, so the next look tries again.
final class CertificateWatch: Service {
    /// What tells that a file is another one than before.
    private struct Stamp: Equatable {
        var inode: Int?
        var size: Int?
        var modified: Date?
    }

    private let certificate: ServerCertificate
    private let threads: NIOThreadPool
    private let interval: Duration
    private let logger: Logger

    init(
        _ certificate: ServerCertificate,
        threads: NIOThreadPool,
        interval: Duration = .seconds(2),
        logger: Logger
    ) {
        self.certificate = certificate
        self.threads = threads
        self.interval = interval
        self.logger = logger
    }

    func run() async throws {
        try await cancelWhenGracefulShutdown { [self] in
            try await withThrowingDiscardingTaskGroup { group in
                group.addTask { try await self.watchFiles() }
                group.addTask {
                    for await _ in await UnixSignalsSequence(trapping: .sighup) { await self.reload() }
                }
            }
        }
    }

    private func watchFiles() async throws {
        var seen = stamps
        while !Task.isCancelled {
            // Ends early when the server does, and then there is nothing more to watch.
            guard (try? await Task.sleep(for: interval)) != nil else { return }
            let now = stamps
            guard now != seen else { continue }
            if await reload() { seen = now }
        }
    }

    @discardableResult
    private func reload() async -> Bool {
        do {
            try await threads.runIfActive { [certificate] in try certificate.reload() }
            logger.notice(
                "certificate reloaded",
                metadata: ["tls.certificate": "\(certificate.files.certificate)"]
            )
            return true
        } catch {
            logger.warning(
                "new certificate cannot be used, the old one stays",
                metadata: ["tls.certificate": "\(certificate.files.certificate)", "error": "\(error)"]
            )
            return false
        }
    }

    private var stamps: [Stamp?] {
        [certificate.files.certificate, certificate.files.key].map { path in
            // A file that is away for a moment is a change, too.
            guard let attributes = try? FileManager.default.attributesOfItem(atPath: path) else { return nil }
            return Stamp(
                inode: attributes[.systemFileNumber] as? Int,
                size: attributes[.size] as? Int,
                modified: attributes[.modificationDate] as? Date
            )
        }
    }
}
