// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import Synchronization

/// Where log lines go: one call of the kernel for each line, so that lines of several threads never mix.
final class LogOutlet: Sendable {
    private let descriptor: Int32
    private let lock = Mutex(())

    /// Writes to a descriptor that stays open.
    init(descriptor: Int32 = STDERR_FILENO) { self.descriptor = descriptor }

    var isTerminal: Bool { isatty(descriptor) == 1 }

    /// Writes a whole line.
    ///
    /// Where nobody reads any more it is lost: a log is no reason to stop serving.
    func write(_ line: [UInt8]) {
        lock.withLock { _ in
            line.withUnsafeBytes { bytes in
                var done = 0
                while done < bytes.count {
                    let count = Glibc.write(
                        descriptor,
                        bytes.baseAddress?.advanced(by: done),
                        bytes.count - done
                    )
                    if count < 0, errno == EINTR { continue }
                    guard count > 0 else { return }
                    done += count
                }
            }
        }
    }
}
