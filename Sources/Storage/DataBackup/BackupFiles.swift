// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import Problems

/// Small files that must survive: written, synced, and for the owner only.
enum BackupFiles {
    static func makeDirectory(_ path: String) throws {
        guard mkdir(path, 0o700) == 0 || errno == EEXIST else { throw problem("make the directory", path) }
    }

    static func write(_ bytes: [UInt8], to path: String, mode: mode_t = 0o600) throws {
        let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode)
        guard file >= 0 else { throw problem("make", path) }
        defer { close(file) }
        // The mode of a file that was there is not changed by opening it.
        guard fchmod(file, mode) == 0 else { throw problem("set the mode of", path) }
        var done = 0
        while done < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.write(file, $0.baseAddress?.advanced(by: done), $0.count - done)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw problem("write", path) }
            done += count
        }
        guard fsync(file) == 0 else { throw problem("sync", path) }
    }

    static func read(_ path: String, limit: Int = 64 << 20) throws -> [UInt8] {
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else { throw problem("open", path) }
        defer { close(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = Glibc.read(file, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw problem("read", path) }
            guard count > 0 else { return bytes }
            bytes += buffer[..<count]
            guard bytes.count <= limit else {
                throw BackupProblem(.inputOutput, "\(path) has more than \(limit) bytes")
            }
        }
    }

    /// Copies a file of any size and syncs the copy.
    static func copy(_ source: String, to target: String, mode: mode_t) throws {
        let from = open(source, O_RDONLY | O_CLOEXEC)
        guard from >= 0 else { throw problem("open", source) }
        defer { close(from) }
        let to = open(target, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode)
        guard to >= 0 else { throw problem("make", target) }
        defer { close(to) }
        guard fchmod(to, mode) == 0 else { throw problem("set the mode of", target) }
        while true {
            let count = sendfile(to, from, nil, 1 << 30)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw problem("copy to", target) }
            guard count > 0 else { break }
        }
        guard fsync(to) == 0 else { throw problem("sync", target) }
    }

    /// Makes the names within a directory durable.
    static func syncDirectory(_ path: String) throws {
        let directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard directory >= 0 else { throw problem("open", path) }
        defer { close(directory) }
        guard fsync(directory) == 0 else { throw problem("sync", path) }
    }

    /// The names of the plain files in a directory, sorted; empty if there is no directory.
    static func plainFiles(in directory: String) throws -> [String] {
        try names(in: directory).filter { name in
            var status = stat()
            return lstat("\(directory)/\(name)", &status) == 0 && status.st_mode & S_IFMT == S_IFREG
        }
    }

    /// All names in a directory, sorted; empty if there is no directory.
    static func names(in directory: String) throws -> [String] {
        guard let stream = opendir(directory) else {
            guard errno == ENOENT else { throw problem("list", directory) }
            return []
        }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    static func remove(_ path: String) throws {
        guard unlink(path) == 0 || errno == ENOENT else { throw problem("remove", path) }
    }

    static func rename(_ source: String, to target: String) throws {
        guard Glibc.rename(source, target) == 0 else { throw problem("rename", source) }
    }

    static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    private static func problem(_ call: String, _ path: String) -> BackupProblem {
        let cause = SystemCallProblem(call, path)
        return BackupProblem(.inputOutput, "the backup cannot be made or restored", cause: cause)
    }
}
