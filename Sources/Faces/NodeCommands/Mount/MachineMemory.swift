// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

#if canImport(Glibc)
internal import Glibc
#endif

/// The memory of this machine.
enum MachineMemory {
    /// All of it, in bytes.
    static var sizeInBytes: Int64 {
        Int64(sysconf(Int32(_SC_PHYS_PAGES))) &* Int64(sysconf(Int32(_SC_PAGESIZE)))
    }
}
