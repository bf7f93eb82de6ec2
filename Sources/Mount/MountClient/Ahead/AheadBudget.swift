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
    }

    private let left: Mutex<Left>

    init(bytes: Int64) { left = Mutex(Left(bytes: bytes)) }

    /// Takes the look at a directory off; `false` if none is left.
    func takeLook() -> Bool {
        left.withLock { left in
            guard left.looks > 0, left.bytes > 0 else { return false }
            left.looks -= 1
            return true
        }
    }

    /// Takes one catalog off; `false` if none is left.
    func takeCatalog() -> Bool {
        left.withLock { left in
            guard left.catalogs > 0, left.bytes > 0 else { return false }
            left.catalogs -= 1
            return true
        }
    }

    /// Lets `body` take bytes off.
    func withBytes<Value>(_ body: (inout Int64) -> Value) -> Value { left.withLock { body(&$0.bytes) } }

    /// Whether something is left.
    var hasRoom: Bool { left.withLock { $0.bytes > 0 } }
}
