// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import MetadataStore

/// Says whether the server can do its work, and what keeps it from it.
///
/// ```
/// ok
/// note: the registry is read-only
/// warning: only 120 MiB are free on the disk of the data directory
/// whitelist of unpacked.wharf.internal valid until 2026-12-26T11:00:00Z
/// ```
///
/// Pulls go on when nothing can be written, so a full disk or the read-only mode alone must not take a server out of
/// the rotation; whoever sends pushes asks with `?write`.
struct Readiness: Sendable {
    let metadata: any MetadataStore
    let mode: OperatingMode
    let dataDirectory: String
    let minimumFreeInBytes: Int64
    /// By repository, unix seconds.
    let whitelistExpiries: @Sendable () -> [String: Int64]

    /// What was found.
    struct Report: Sendable {
        var isReady = true
        var lines: [String] = []
        /// For the log, if the server is not ready.
        var cause: String?
    }

    /// Looks at everything; takes a few microseconds unless the database is busy.
    func report(forWriting: Bool) async -> Report {
        var report = Report()
        do {
            _ = try await metadata.read { try $0.setting("server.name") }
        } catch {
            report.isReady = false
            report.lines.append("error: the database does not answer")
            report.cause = "\(error)"
        }
        let level = forWriting ? "error" : "warning"
        if mode.isReadOnly {
            report.lines.append(
                forWriting ? "error: the registry is read-only" : "note: the registry is read-only"
            )
            if forWriting { report.isReady = false }
        }
        if let free = ProcessFigures.freeBytes(at: dataDirectory), free < minimumFreeInBytes {
            report.lines.append("\(level): only \(free >> 20) MiB are free on the disk of the data directory")
            if forWriting { report.isReady = false }
        }
        add(whitelistExpiries(), now: WallClock.now().millisecondsSince1970 / 1_000, to: &report)
        if !report.isReady, report.cause == nil { report.cause = report.lines.joined(separator: "; ") }
        return report
    }

    /// No client mounts a repository whose whitelist has ended, but images can still be pulled.
    private func add(_ expiries: [String: Int64], now: Int64, to report: inout Report) {
        for (name, expiry) in expiries.sorted(by: { $0.key < $1.key }) {
            let text = "whitelist of \(name) valid until \(WhitelistWatch.text(expiry))"
            let isUrgent = expiry - now < 5 * 86_400
            report.lines.append(
                expiry <= now ? "warning: \(text), which is over" : isUrgent ? "warning: \(text)" : text
            )
        }
    }
}
