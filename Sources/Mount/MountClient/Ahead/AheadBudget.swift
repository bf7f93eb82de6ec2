// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

/// What may still be fetched for one reason, shared by all looks that it led to.
final class AheadBudget: Sendable {
    private struct Left {
        var bytes: Int64
        var catalogs = 64
        /// Directories without small files cost no bytes, but a look each.
        var looks = 1000

        mutating func take(_ kind: WritableKeyPath<Left, Int>) -> Bool {
            guard self[keyPath: kind] > 0, bytes > 0 else { return false }
            self[keyPath: kind] -= 1
            return true
        }
    }

    private let left: Mutex<Left>

    /// Begins with so many plain bytes.
    init(bytes: Int64) { left = Mutex(Left(bytes: bytes)) }

    /// Takes the look at a directory off; `false` if none is left.
    func takeLook() -> Bool { left.withLock { $0.take(\.looks) } }

    /// Takes one catalog off; `false` if none is left.
    func takeCatalog() -> Bool { left.withLock { $0.take(\.catalogs) } }

    /// Takes plain bytes off if there are so many; returns them, or 0.
    func take(bytes: Int64) -> Int64 {
        left.withLock { left in
            guard bytes <= left.bytes else { return 0 }
            left.bytes -= bytes
            return bytes
        }
    }

    /// Lets `body` take plain bytes off.
    func withBytes<Value>(_ body: (inout Int64) -> Value) -> Value { left.withLock { body(&$0.bytes) } }
}
