// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import Problems

/// The system calls by which the directory driver changes the disk, so that tests can make each of them fail.
package struct FileCalls: Sendable {
    /// `pwrite(2)`: may write fewer bytes than asked.
    package var write: @Sendable (Int32, UnsafeRawBufferPointer, Int64) -> Int
    /// `fsync(2)`.
    package var sync: @Sendable (Int32) -> Int32
    /// `rename(2)`.
    package var rename: @Sendable (String, String) -> Int32

    /// The kernel's own.
    package static let system = FileCalls(
        write: { pwrite($0, $1.baseAddress, $1.count, Int($2)) },
        sync: { fsync($0) },
        rename: { Glibc.rename($0, $1) }
    )

    /// Takes the calls to use.
    package init(
        write: @escaping @Sendable (Int32, UnsafeRawBufferPointer, Int64) -> Int,
        sync: @escaping @Sendable (Int32) -> Int32,
        rename: @escaping @Sendable (String, String) -> Int32
    ) {
        self.write = write
        self.sync = sync
        self.rename = rename
    }

    /// Writes everything, or throws after having written some of it.
    func writeAll(_ bytes: UnsafeRawBufferPointer, to file: Int32, at offset: Int64, path: String)
        throws(BlobProblem)
    {
        var done = 0
        while done < bytes.count {
            let count = write(file, UnsafeRawBufferPointer(rebasing: bytes[done...]), offset + Int64(done))
            if count < 0, errno == EINTR { continue }
            // A file system that writes nothing and reports no error has no room.
            guard count != 0 else { throw BlobProblem(SystemCallProblem("write", path, errorNumber: ENOSPC)) }
            guard count > 0 else { throw BlobProblem(SystemCallProblem("write", path)) }
            done += count
        }
    }

    func syncFile(_ file: Int32, path: String) throws(BlobProblem) {
        guard sync(file) == 0 else { throw BlobProblem(SystemCallProblem("fsync", path)) }
    }

    /// Makes the names within a directory durable.
    func syncDirectory(_ path: String) throws(BlobProblem) {
        let file = try FileDescriptor(opening: path, flags: O_RDONLY | O_DIRECTORY)
        try syncFile(file.number, path: path)
    }

    func move(_ source: String, to target: String) throws(BlobProblem) {
        guard rename(source, target) == 0 else { throw BlobProblem(SystemCallProblem("rename", source)) }
    }
}

extension SystemCallProblem {
    var isOutOfSpace: Bool { errorNumber == ENOSPC || errorNumber == EDQUOT }
}
