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
        for prefix in prefixes { try make(directory + "/" + prefix, mode: 0o700) }
    }

    /// Makes whatever is missing of a directory that many machines and users share.
    ///
    /// - Source: cvmfs-format H.9.
    static func prepareShared(_ directory: String) throws(CacheProblem) {
        var path = ""
        for part in directory.split(separator: "/") {
            path += "/" + part
            try make(path, mode: 0o755)
        }
        for name in ["txn"] + prefixes {
            let path = directory + "/" + name
            if mkdir(path, 0o770) == 0 {
                // Against the mask of the user.
                chmod(path, 0o770)
            } else if errno != EEXIST {
                throw CacheProblem(
                    .directory,
                    "cannot make the cache",
                    cause: SystemCallProblem("mkdir", path)
                )
            }
        }
    }

    /// The names of the directories that hold objects.
    static var prefixes: [String] { (0..<256).map { Hexadecimal.text(of: [UInt8($0)]) } }

    private static func make(_ path: String, mode: mode_t) throws(CacheProblem) {
        guard mkdir(path, mode) == 0 || errno == EEXIST else {
            throw CacheProblem(.directory, "cannot make the cache", cause: SystemCallProblem("mkdir", path))
        }
    }

    /// Runs `body` while no other process evicts or rewrites the index.
    static func withLock<Result>(
        of directory: String,
        _ body: () throws(CacheProblem) -> Result
    ) throws(CacheProblem) -> Result {
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
        return try body()
    }

    /// Removes what killed processes left in `txn`: files that nobody holds a lock on.
    static func sweepTransactions(of directory: String) {
        for name in names(in: directory + "/txn") {
            removeUnlessLocked(directory + "/txn/" + name)
        }
    }

    /// Removes a file whose owner, who holds a lock on it, has ended.
    static func removeUnlessLocked(_ path: String) {
        let descriptor = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else { return }
        if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { unlink(path) }
        close(descriptor)
    }

    /// Calls `body` with the name and the path of every file that could be an object.
    static func forEachObject(
        in directory: String,
        _ body: (ContentHash, String) throws(CacheProblem) -> Void
    )
        throws(CacheProblem)
    {
        for prefix in prefixes {
            for rest in names(in: directory + "/" + prefix) {
                let path = "\(directory)/\(prefix)/\(rest)"
                if let hash = ContentHash(prefix + rest) { try body(hash, path) } else { unlink(path) }
            }
        }
    }

    /// Finds the records of objects that the index does not know, in their labels, and removes the objects that have
    /// none: nothing says what their content must be.
    ///
    /// The caller holds the lock. Returns how many were found, and how many removed.
    @discardableResult
    static func settleStrangers(in directory: String, _ index: inout CacheIndex) throws(CacheProblem) -> (
        found: Int, removed: Int
    ) {
        var (found, removed) = (0, 0)
        try forEachObject(in: directory) { name, path throws(CacheProblem) in
            guard index.entry(of: name) == nil else { return }
            let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
            defer { if descriptor >= 0 { close(descriptor) } }
            if descriptor >= 0, let record = RecordLabel.read(from: descriptor), record.name == name {
                try index.append(record)
                found += 1
            } else {
                unlink(path)
                removed += 1
            }
        }
        return (found, removed)
    }

    static func names(in directory: String) -> [String] {
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
