// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import Problems

/// An open file that is closed with its last reference.
final class FileDescriptor: Sendable {
    let number: Int32

    init(opening path: String, flags: Int32, mode: mode_t = 0o644) throws(BlobProblem) {
        number = Glibc.open(path, flags | O_CLOEXEC, mode)
        guard number >= 0 else { throw BlobProblem(SystemCallProblem("open", path)) }
    }

    /// Opens a file for reading; `nil` if there is none of that name.
    ///
    /// It never waits, as it would for a FIFO, and does not follow a link.
    static func reading(_ path: String) throws(BlobProblem) -> FileDescriptor? {
        do throws(BlobProblem) {
            return try FileDescriptor(opening: path, flags: O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
        } catch {
            switch (error.cause as? SystemCallProblem)?.errorNumber {
            case ENOENT, ENOTDIR, ELOOP: return nil
            default: throw error
            }
        }
    }

    deinit { close(number) }

    func size(path: String) throws(BlobProblem) -> Int64 { Int64(try status(path: path).st_size) }

    func status(path: String) throws(BlobProblem) -> stat {
        var status = stat()
        guard fstat(number, &status) == 0 else { throw BlobProblem(SystemCallProblem("stat", path)) }
        return status
    }

    /// Reads until `buffer` is full or the file ends, and returns the number of bytes.
    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int64, path: String) throws(BlobProblem)
        -> Int
    {
        var done = 0
        while done < buffer.count {
            let count = pread(
                number,
                buffer.baseAddress?.advanced(by: done),
                buffer.count - done,
                Int(offset) + done
            )
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw BlobProblem(SystemCallProblem("read", path)) }
            guard count > 0 else { break }
            done += count
        }
        return done
    }
}
