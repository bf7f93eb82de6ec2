// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CVMFSFormat
internal import MountClient
internal import Synchronization

#if canImport(Glibc)
internal import Glibc
#endif

/// The log of a mount: lines for people, to a terminal, a file, the journal or syslog.
///
/// However bad things are, it stays short: see `LogPace`.
final class MountLog: Sendable {
    /// Where lines go.
    enum Target: Sendable, Equatable {
        /// The standard error stream, with the time.
        case stream
        /// The systemd journal, with fields.
        case journal
        /// A syslog daemon, with a facility from 0 to 23.
        case syslog(facility: Int)
    }

    private struct State {
        var target = Target.stream
        var pace = LogPace()
    }

    private let fields: [(String, String)]
    private let prefix: String
    private let state = Mutex(State())

    /// The log of one mount.
    ///
    /// - Parameters:
    ///   - repository: what is mounted.
    ///   - mountpoint: where.
    ///   - prefix: stands before each line; may be empty.
    init(repository: String, mountpoint: String, prefix: String = "") {
        fields = [("WHARF_REPOSITORY", repository), ("WHARF_MOUNTPOINT", mountpoint)]
        self.prefix = prefix
    }

    /// Sends lines somewhere else from now on.
    func send(to target: Target) { state.withLock { $0.target = target } }

    /// Writes a line, unless there were too many lately; how many were left out is said when there is room again.
    func write(_ text: String) {
        let (lines, target) = state.withLock { state in
            (state.pace.lines(for: text, at: Self.seconds()), state.target)
        }
        for line in lines { emit(prefix.isEmpty ? line : "\(prefix) \(line)", target) }
    }

    private func emit(_ line: String, _ target: Target) {
        switch target {
        case .stream:
            StandardError.print("\(CalendarTime(unixSeconds: Int64(time(nil))).iso8601) \(line)")
        case .journal:
            let message = JournalMessage(
                line,
                fields: [("SYSLOG_IDENTIFIER", "wharf"), ("PRIORITY", "5")] + fields
            )
            if !LocalDatagram.send(message.bytes, to: JournalMessage.socket) { emit(line, .stream) }
        case .syslog(let facility):
            let text = "<\(facility * 8 + 5)>wharf[\(getpid())]: (\(fields[0].1)) \(line)"
            if !LocalDatagram.send(Array(text.utf8), to: "/dev/log") { emit(line, .stream) }
        }
    }

    private static func seconds() -> Double {
        var now = timespec()
        clock_gettime(CLOCK_MONOTONIC, &now)
        return Double(now.tv_sec) + Double(now.tv_nsec) / 1e9
    }
}

/// A message in the journal's own form.
///
/// - Source: systemd, "Native Journal Protocol": `NAME=value` and a line's end; values with a line's end have their length
///   before them, as 64 bits, little end first.
struct JournalMessage {
    static let socket = "/run/systemd/journal/socket"
    private(set) var bytes: [UInt8] = []

    init(_ message: String, fields: [(String, String)]) {
        for (name, value) in [("MESSAGE", message)] + fields {
            let value = Array(value.utf8)
            bytes += Array(name.utf8)
            if value.contains(UInt8(ascii: "\n")) {
                bytes.append(UInt8(ascii: "\n"))
                withUnsafeBytes(of: UInt64(value.count).littleEndian) { bytes += $0 }
            } else {
                bytes.append(UInt8(ascii: "="))
            }
            bytes += value + [UInt8(ascii: "\n")]
        }
    }
}
