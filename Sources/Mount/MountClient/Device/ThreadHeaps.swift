// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CLinux

/// The allocator's heaps, of which each thread gets one of its own unless told otherwise.
package enum ThreadHeaps {
    /// Bounds what freed blocks may stay resident.
    ///
    /// Call it before threads start: they keep the heaps that they have.
    package static func bound() { wharf_bound_heaps() }
}
