// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import Dispatch
internal import Problems
internal import Synchronization

#if canImport(Glibc)
internal import Glibc
#endif

/// A Unix socket by which a running mount is asked: one command, one answer, end.
///
/// Who may write to the socket may ask; it belongs to the user who mounts, with mode 0660.
/// - Source: cvmfs-format H.13 (stream, text protocol).
final class ControlSocket: Sendable {
    /// Where it listens.
    let path: String
    private let descriptor: Int32
    private let isClosed = Atomic(false)

    /// Listens at the first of `candidates` that no living process listens at.
    ///
    /// - Throws: `controlFailed` if there is none.
    init(at candidates: [String], owner: uid_t?) throws(MountProblem) {
        var last: MountProblem?
        for candidate in candidates {
            do throws(MountProblem) {
                descriptor = try Self.listen(at: candidate)
                path = candidate
                if let owner { _ = chown(candidate, owner, gid_t.max) }
                return
            } catch { last = error }
        }
        throw last ?? MountProblem(.controlFailed, "no place for a control socket is configured")
    }

    /// Answers until `close`; `answer` is called on this thread.
    func run(_ answer: (String) -> String) {
        while !isClosed.load(ordering: .relaxed) {
            let connection = accept(descriptor, nil, nil)
            guard connection >= 0 else {
                if errno == EINTR || errno == ECONNABORTED { continue }
                return
            }
            _ = fcntl(connection, F_SETFD, FD_CLOEXEC)
            serve(connection, answer)
            Glibc.close(connection)
        }
    }

    /// Ends `run`, and takes the socket away.
    func close() {
        guard !isClosed.exchange(true, ordering: .relaxed) else { return }
        unlink(path)
        // Wakes the thread that waits for a connection.
        shutdown(descriptor, Int32(SHUT_RDWR))
    }

    deinit { Glibc.close(descriptor) }

    private func serve(_ connection: Int32, _ answer: (String) -> String) {
        // Nobody keeps the socket from others by saying nothing, or by not listening.
        var patience = timeval(tv_sec: 5, tv_usec: 0)
        let length = socklen_t(MemoryLayout<timeval>.size)
        setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &patience, length)
        setsockopt(connection, SOL_SOCKET, SO_SNDTIMEO, &patience, length)
        var command = [UInt8](repeating: 0, count: ControlCommand.lengthLimit)
        let count = recv(connection, &command, command.count, 0)
        guard count > 0 else { return }
        // Half a command may be another one.
        let isWhole = count < command.count
        if !isWhole { Self.passOver(connection) }
        let said = isWhole ? answer(String(decoding: command[..<count], as: UTF8.self)) : "command too long\n"
        var text = Array(said.utf8)[...]
        while !text.isEmpty {
            let sent = text.withUnsafeBytes {
                send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard sent > 0 else { return }
            text = text.dropFirst(sent)
        }
    }

    /// Reads what is left of a command within reason: a connection that is closed before that loses its answer.
    private static func passOver(_ connection: Int32) {
        var waste = [UInt8](repeating: 0, count: ControlCommand.lengthLimit)
        for _ in 0..<64 where recv(connection, &waste, waste.count, Int32(MSG_DONTWAIT)) <= 0 {
            return
        }
    }

    private static func listen(at path: String) throws(MountProblem) -> Int32 {
        guard let address = UnixAddress(path) else {
            throw MountProblem(.controlFailed, "the path \(path) is too long for a socket")
        }
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else {
            throw MountProblem(.controlFailed, "no socket", cause: SystemCallProblem("socket", path))
        }
        // One that nobody listens at was left behind by a process that was killed.
        if address.with({ connect(descriptor, $0, $1) }) == 0 {
            Glibc.close(descriptor)
            throw MountProblem(.controlFailed, "another mount listens at \(path)")
        }
        unlink(path)
        let mask = umask(0o117)
        defer { umask(mask) }
        guard address.with({ bind(descriptor, $0, $1) }) == 0, Glibc.listen(descriptor, 16) == 0 else {
            let cause = SystemCallProblem("bind", path)
            Glibc.close(descriptor)
            throw MountProblem(.controlFailed, "cannot listen at \(path)", cause: cause)
        }
        return descriptor
    }
}

/// Asks a running mount.
package enum ControlClient {
    /// Sends a command, and returns the answer.
    ///
    /// - Throws: `controlFailed` if nobody listens, or the answer takes longer than `patience` seconds.
    package static func ask(_ command: String, at path: String, patience: Int = 60) throws(MountProblem)
        -> String
    {
        guard let address = UnixAddress(path) else {
            throw MountProblem(.controlFailed, "the path \(path) is too long for a socket")
        }
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else {
            throw MountProblem(.controlFailed, "no socket", cause: SystemCallProblem("socket", path))
        }
        defer { close(descriptor) }
        var limit = timeval(tv_sec: patience, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        guard address.with({ connect(descriptor, $0, $1) }) == 0 else {
            throw MountProblem(
                .controlFailed,
                "no mount listens at \(path)",
                remedy: "run as the user who mounted, or as root",
                cause: SystemCallProblem("connect", path)
            )
        }
        let bytes = Array(command.utf8)
        guard send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count else {
            throw MountProblem(.controlFailed, "cannot ask", cause: SystemCallProblem("send", path))
        }
        var answer: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else {
                throw MountProblem(.controlFailed, "no answer", cause: SystemCallProblem("receive", path))
            }
            if count == 0 { return String(decoding: answer, as: UTF8.self) }
            answer += buffer[..<count]
        }
    }
}
