// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

package import Digests
internal import Problems

#if canImport(Glibc)
internal import Glibc
#endif

/// An object on its way into the cache: written aside, named when it is complete and verified.
///
/// The temporary file goes when the transaction does. Belongs to one thread.
package final class CacheTransaction {
    private let cache: ObjectCache
    private let path: String
    private let descriptor: Int32
    private let hasher = IncrementalDigest(.sha256)
    private var isNamed = false

    init(cache: ObjectCache, path: String) throws(CacheProblem) {
        self.cache = cache
        self.path = path
        descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw CacheProblem(.write, "cannot add to the cache", cause: SystemCallProblem("open", path))
        }
        // The lock tells a living transaction from what a killed process left behind.
        _ = flock(descriptor, LOCK_EX | LOCK_NB)
    }

    deinit {
        if !isNamed {
            unlink(path)
            close(descriptor)
        }
    }

    /// How many bytes were written.
    package var byteCount: Int64 { hasher.byteCount }

    /// Appends content.
    package func write(_ bytes: UnsafeRawBufferPointer) throws(CacheProblem) {
        hasher.update(bytes)
        var rest = bytes
        while !rest.isEmpty {
            let count = Glibc.write(descriptor, rest.baseAddress, rest.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                throw CacheProblem(.write, "cannot add to the cache", cause: SystemCallProblem("write", path))
            }
            rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        }
    }

    /// Starts anew with no content.
    package func restart() throws(CacheProblem) {
        _ = hasher.finish()
        guard ftruncate(descriptor, 0) == 0, lseek(descriptor, 0, SEEK_SET) == 0 else {
            throw CacheProblem(.write, "cannot add to the cache", cause: SystemCallProblem("truncate", path))
        }
    }

    /// Gives the content its name.
    ///
    /// The caller has verified that it is what the name stands for.
    package func commit(as name: ContentHash) throws(CacheProblem) -> CachedObject {
        let object = try cache.adopt(
            descriptor,
            from: path,
            as: name,
            size: hasher.byteCount,
            contentDigest: hasher.finish()
        )
        isNamed = true
        return object
    }
}
