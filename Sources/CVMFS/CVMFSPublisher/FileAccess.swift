// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CFileSync
internal import Foundation
internal import Problems

/// Plain POSIX file calls that say what failed on which path.
///
/// They block.
enum FileAccess {
    /// Reads a whole file.
    static func read(_ path: String) throws -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw SystemCallProblem("open", path) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw SystemCallProblem("stat", path) }
        let size = Int(status.st_size)
        var failure: SystemCallProblem?
        let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            while count < size {
                let part = Foundation.read(descriptor, buffer.baseAddress.map { $0 + count }, size - count)
                if part < 0, errno == EINTR { continue }
                if part < 0 { failure = SystemCallProblem("read", path) }
                guard part > 0 else { break }
                count += part
            }
        }
        if let failure { throw failure }
        return bytes
    }

    /// Writes a new file beside its final place and renames it there, so that readers see all of it or nothing.
    ///
    /// - Parameters:
    ///   - path: the final place.
    ///   - bytes: the content.
    ///   - temporary: a path on the same file system that nobody else uses.
    ///   - mode: permissions.
    ///   - isSynced: whether the content is on disk before it gets its name.
    /// - Throws: `SystemCallProblem`; nothing is left behind then.
    static func replace(
        _ path: String,
        with bytes: [UInt8],
        by temporary: String,
        mode: mode_t = 0o644,
        isSynced: Bool
    ) throws {
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode)
        guard descriptor >= 0 else { throw SystemCallProblem("create", temporary) }
        do {
            defer { close(descriptor) }
            try write(bytes, to: descriptor, path: temporary)
            if isSynced, fsync(descriptor) != 0 { throw SystemCallProblem("sync", temporary) }
        } catch {
            unlink(temporary)
            throw error
        }
        guard rename(temporary, path) == 0 else {
            let problem = SystemCallProblem("rename to", path)
            unlink(temporary)
            throw problem
        }
    }

    private static func write(_ bytes: [UInt8], to descriptor: Int32, path: String) throws {
        try bytes.withUnsafeBytes { buffer in
            var done = 0
            while done < buffer.count {
                let part = Foundation.write(
                    descriptor,
                    buffer.baseAddress.map { $0 + done },
                    buffer.count - done
                )
                if part < 0, errno == EINTR { continue }
                guard part > 0 else { throw SystemCallProblem("write", path) }
                done += part
            }
        }
    }

    /// Makes a directory unless it is there.
    static func makeDirectory(_ path: String, mode: mode_t = 0o755) throws {
        guard mkdir(path, mode) == 0 || errno == EEXIST else {
            throw SystemCallProblem("make directory", path)
        }
    }

    /// The size of a file; `nil` if there is none.
    static func size(of path: String) -> Int64? {
        var status = stat()
        return stat(path, &status) == 0 ? Int64(status.st_size) : nil
    }

    /// Puts everything that was written to the file system of a directory on disk.
    static func syncFileSystem(of directory: String) throws {
        let descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw SystemCallProblem("open", directory) }
        defer { close(descriptor) }
        guard syncfs(descriptor) == 0 else { throw SystemCallProblem("sync", directory) }
    }
}
