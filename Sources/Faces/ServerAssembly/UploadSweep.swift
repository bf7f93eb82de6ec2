// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import Logging
internal import RegistryService
internal import ServiceLifecycle
internal import Telemetry

/// Ends unfinished uploads that nobody continues, at start and then every quarter of an hour.
struct UploadSweep: Service {
    let expire: ExpireUploads
    let logger: Logger

    func run() async throws {
        while !Task.isShuttingDownGracefully {
            do {
                let count = try await expire()
                if count > 0 {
                    logger.info("uploads expired", metadata: [LogKey.uploadCount.name: "\(count)"])
                }
            } catch {
                logger.warning("expiring uploads failed", metadata: [LogKey.error.name: "\(error)"])
            }
            try? await cancelWhenGracefulShutdown { try await Task.sleep(for: .seconds(900)) }
        }
    }
}
