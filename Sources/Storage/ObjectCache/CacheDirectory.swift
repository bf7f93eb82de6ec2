// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import Digests
internal import Problems

#if canImport(Glibc)
internal import Glibc
#endif

/// The parts of a cache's directory that are not objects.
enum CacheDirectory {
    /// Makes whatever is missing of the directory.
    static func prepare(_ directory: String) throws(CacheProblem) {
        var path = ""
        for part in directory.split(separator: "/") {
            path += "/" + part
            try make(path, mode: 0o755)
        }
        guard chmod(directory, 0o700) == 0 else {
            throw CacheProblem(
                .directory,
                "cannot use the cache",
                cause: SystemCallProblem("chmod", directory)
            )
        }
        for name in ["txn", "quarantine"] { try make(directory + "/" + name, mode: 0o700) }
        for number in 0..<256 {
            try make(directory + "/" + Hexadecimal.text(of: [UInt8(number)]), mode: 0o700)
        }
    }

    private static func make(_ path: String, mode: mode_t) throws(CacheProblem) {
        guard mkdir(path, mode) == 0 || errno == EEXIST else {
            throw CacheProblem(.directory, "cannot make the cache", cause: SystemCallProblem("mkdir", path))
        }
    }

    /// Runs `body` while no other process evicts or rewrites the index.
    static func withLock(
        of directory: String,
        _ body: () throws(CacheProblem) -> Void
    ) throws(CacheProblem) {
        let path = directory + "/lock"
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw CacheProblem(.directory, "cannot lock the cache", cause: SystemCallProblem("open", path))
        }
        defer { close(descriptor) }
        while flock(descriptor, LOCK_EX) != 0 {
            guard errno == EINTR else {
                throw CacheProblem(
                    .directory,
                    "cannot lock the cache",
                    cause: SystemCallProblem("flock", path)
                )
            }
        }
        try body()
    }

    /// Removes what killed processes left in `txn`: files that nobody holds a lock on.
    static func sweepTransactions(of directory: String) {
        for name in names(in: directory + "/txn") {
            let path = directory + "/txn/" + name
            let descriptor = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW)
            guard descriptor >= 0 else { continue }
            if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { unlink(path) }
            close(descriptor)
        }
    }

    /// Removes objects that have no record, after the index was damaged: nothing says what their content must be.
    static func removeStrangers(in directory: String, to index: CacheIndex) {
        for number in 0..<256 {
            let prefix = Hexadecimal.text(of: [UInt8(number)])
            for name in names(in: directory + "/" + prefix) {
                if let hash = ContentHash(prefix + name), index.entry(of: hash) != nil { continue }
                unlink("\(directory)/\(prefix)/\(name)")
            }
        }
    }

    private static func names(in directory: String) -> [String] {
        guard let stream = opendir(directory) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }
}
