// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import Foundation
internal import Problems

/// An archive in a file or on standard input, as a stream.
package final class ArchiveFile {
    private let descriptor: Int32
    private let path: String

    /// Opens a file; `-` is standard input.
    package init(path: String) throws {
        self.path = path
        descriptor = path == "-" ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw SystemCallProblem("open", path) }
    }

    deinit { close(descriptor) }

    /// Fills a buffer as far as one read goes; 0 at the end.
    package func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        while true {
            let count = Foundation.read(descriptor, buffer.baseAddress, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw SystemCallProblem("read", path) }
            return count
        }
    }
}
