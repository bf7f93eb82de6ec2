// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

package import Digests
internal import Problems

#if canImport(Glibc)
internal import Glibc
#endif

/// A cache in the memory of the machine, bounded, for one process: a directory on /dev/shm that goes with it.
///
/// Files and not a heap, so that SQLite opens catalogs in place and the kernel reads large files by itself. What a
/// killed process left behind is removed by the next one.
/// - Source: cvmfs-format H.10.
package final class RAMCache: CacheStore {
    private let files: ObjectCache
    private let lock: Int32
    private let place: String

    /// Makes the directory.
    ///
    /// - Parameters:
    ///   - memory: a directory in memory, usually /dev/shm.
    ///   - limitInBytes: the most plain bytes to keep.
    ///   - now: unix seconds, for the order of eviction.
    ///   - report: told of evictions.
    /// - Throws: `directory`.
    package init(
        in memory: String,
        limitInBytes: Int64,
        now: @escaping @Sendable () -> Int64,
        report: @escaping @Sendable (String) -> Void
    ) throws(CacheProblem) {
        Self.sweep(memory)
        place = "\(memory)/wharf-cache.\(getuid()).\(getpid()).\(UInt32.random(in: 0...UInt32.max))"
        guard mkdir(place, 0o700) == 0 else {
            throw CacheProblem(.directory, "cannot make the cache", cause: SystemCallProblem("mkdir", place))
        }
        lock = Glibc.open(place + "/owner", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard lock >= 0, flock(lock, LOCK_EX | LOCK_NB) == 0 else {
            throw CacheProblem(.directory, "cannot make the cache", cause: SystemCallProblem("lock", place))
        }
        files = try ObjectCache(
            directory: place + "/objects",
            limitInBytes: limitInBytes,
            now: now,
            report: report
        )
    }

    deinit {
        end()
        close(lock)
    }

    package func end() { Self.remove(place) }

    package var directory: String { files.directory }
    package var limitInBytes: Int64 { files.limitInBytes }
    package var totalSize: Int64 { files.totalSize }
    package var joinLimitInBytes: Int64 { files.joinLimitInBytes }
    package var tended: ObjectCache? { files }
    package func open(_ name: ContentHash) throws(CacheProblem) -> CachedObject? { try files.open(name) }
    package func begin(_ content: CachedContent) throws(CacheProblem) -> CacheTransaction {
        try files.begin(content)
    }
    package func quarantine(_ name: ContentHash) throws(CacheProblem) { try files.quarantine(name) }
    package func isCostly(_ name: ContentHash) -> Bool { files.isCostly(name) }
    package func demote(_ names: [ContentHash]) { files.demote(names) }

    /// Removes the directories of this user whose processes have ended.
    private static func sweep(_ memory: String) {
        for name in CacheDirectory.names(in: memory) where name.hasPrefix("wharf-cache.\(getuid()).") {
            let owner = Glibc.open("\(memory)/\(name)/owner", O_RDWR | O_CLOEXEC | O_NOFOLLOW)
            guard owner >= 0 else { continue }
            if flock(owner, LOCK_EX | LOCK_NB) == 0 { remove("\(memory)/\(name)") }
            close(owner)
        }
    }

    private static func remove(_ place: String) {
        for directory in CacheDirectory.names(in: place + "/objects") {
            let path = "\(place)/objects/\(directory)"
            for name in CacheDirectory.names(in: path) { unlink("\(path)/\(name)") }
            if rmdir(path) != 0 { unlink(path) }
        }
        rmdir(place + "/objects")
        // The lock goes last: a directory without one is never swept.
        unlink(place + "/owner")
        rmdir(place)
    }
}
