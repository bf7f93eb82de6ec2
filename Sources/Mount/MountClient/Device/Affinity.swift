// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CLinux

/// The cores that a process runs on.
package enum Affinity {
    /// Keeps this process on some cores; where the kernel does not allow that, it goes on as before.
    ///
    /// Call it before threads start: they keep the cores that they have.
    package static func run(on cores: [Int]) {
        let numbers = cores.map { Int32(clamping: $0) }
        _ = wharf_run_on(numbers, Int32(clamping: numbers.count))
    }
}
