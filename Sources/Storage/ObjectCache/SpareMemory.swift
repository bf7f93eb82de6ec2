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

    /// A file in memory without a name; `nil` if there can be none.
    static func file() -> Int32? {
        let descriptor = wharf_memory_file("wharf-object")
        return descriptor >= 0 ? descriptor : nil
    }
}
