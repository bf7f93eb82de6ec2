// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CCacheFiles
internal import Synchronization

#if canImport(Glibc)
internal import Glibc
#endif

/// A bounded piece of memory for what a full disk cannot take: a read is then answered though nothing can be kept.
final class SpareMemory: Sendable {
    private let limit: Int64
    private let used = Mutex<Int64>(0)

    init(limitInBytes: Int64) { limit = limitInBytes }

    /// What an object took; it is given back when this value goes.
    final class Lease: Sendable {
        private let memory: SpareMemory
        private let count = Mutex<Int64>(0)

        fileprivate init(_ memory: SpareMemory) { self.memory = memory }

        deinit {
            let count = count.withLock { $0 }
            memory.used.withLock { $0 -= count }
        }

        /// Takes more; returns whether there was as much left.
        func take(_ more: Int64) -> Bool {
            let isGranted = memory.used.withLock { used in
                guard more <= memory.limit - used else { return false }
                used += more
                return true
            }
            if isGranted { count.withLock { $0 += more } }
            return isGranted
        }
    }

    /// Starts to take memory.
    func lease() -> Lease { Lease(self) }

    /// A file in memory, without a name unless SQLite has to open it by one; `nil` if there can be none.
    ///
    /// A name belongs to whoever holds the lock on the file, which a killed process does not.
    static func file(for content: CachedContent) -> (descriptor: Int32, name: String?)? {
        guard content == .metadata else {
            let descriptor = wharf_memory_file("wharf-object")
            return descriptor >= 0 ? (descriptor, nil) : nil
        }
        let prefix = "wharf-spare.\(getuid())."
        sweep("/dev/shm", prefix)
        let name = "/dev/shm/\(prefix)\(UInt64.random(in: 0...UInt64.max))"
        let descriptor = open(name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return nil }
        _ = flock(descriptor, LOCK_SH | LOCK_NB)
        return (descriptor, name)
    }

    private static func sweep(_ directory: String, _ prefix: String) {
        for name in CacheDirectory.names(in: directory) where name.hasPrefix(prefix) {
            CacheDirectory.removeUnlessLocked("\(directory)/\(name)")
        }
    }
}
