// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import Problems

/// The server's data directory, held by this process alone for as long as this object lives.
///
/// ```
/// blobs/                 registry blobs
/// uploads/               unfinished uploads
/// repositories/<name>/   exactly as served under /cvmfs/<name>/
/// keys/                  0700: <name>.pub beside private parts
/// wharf.db               metadata
/// tmp/                   emptied at start
/// wharf.lock             held while a process uses the directory
/// listen                 the address of the running server
/// ```
package final class DataDirectory: Sendable {
    /// Absolute, without symbolic links.
    package let path: String
    private let lock: Int32

    /// Makes the directory if it is new, and takes its lock.
    ///
    /// Blocks.
    ///
    /// - Throws: `dataInUse` if another process has the lock.
    package init(opening path: String) throws(ServerProblem) {
        try Self.make(path, mode: 0o755)
        guard let resolved = realpath(path, nil) else { throw Self.unusable("resolve", path) }
        self.path = String(cString: resolved)
        free(resolved)
        lock = open(self.path + "/wharf.lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard lock >= 0 else { throw Self.unusable("open", self.path + "/wharf.lock") }
        guard flock(lock, LOCK_EX | LOCK_NB) == 0 else {
            let isTaken = errno == EWOULDBLOCK
            let problem = isTaken ? nil : Self.unusable("lock", self.path + "/wharf.lock")
            close(lock)
            throw problem
                ?? ServerProblem(
                    .dataInUse,
                    "another process uses the data directory \(self.path)",
                    remedy: "stop it, or choose another directory with --data"
                )
        }
        for (name, mode) in [("repositories", 0o755), ("tmp", 0o700), ("keys", 0o700)] as [(String, mode_t)] {
            try Self.make(self.path + "/" + name, mode: mode)
        }
    }

    // Closing the file gives the lock back.
    deinit { close(lock) }

    /// The path of `repositories`.
    package var repositories: String { path + "/repositories" }
    /// The path of `keys`.
    package var keys: String { path + "/keys" }
    /// The path of `tmp`.
    package var temporary: String { path + "/tmp" }
    /// The path of `wharf.db`.
    package var database: String { path + "/wharf.db" }
    /// The path of `listen`.
    package var listenFile: String { path + "/listen" }

    private static func make(_ path: String, mode: mode_t) throws(ServerProblem) {
        guard mkdir(path, mode) != 0, errno != EEXIST else { return }
        throw unusable("create the directory", path)
    }

    private static func unusable(_ call: String, _ subject: String) -> ServerProblem {
        ServerProblem(
            .dataUnusable,
            "the data directory cannot be used",
            remedy: "check the path and its permissions, or choose another one with --data",
            cause: SystemCallProblem(call, subject)
        )
    }
}
