// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// How many files the process may have open, which bounds its connections.
enum OpenFiles {
    /// For the database, the log, uploads that wait, and what the publisher reads.
    private static let reserved = 256
    /// A connection is one, the blob that it gets another, and the kernel's copy of that a third.
    private static let perConnection = 3

    /// Takes as many as the process is allowed, and returns how many connections they are good for.
    ///
    /// Beyond that a connection would be accepted and then fail, or worse, an upload would.
    static func connections() -> Int {
        var limit = rlimit()
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        guard getrlimit(resource, &limit) == 0 else { return 16 }
        if limit.rlim_cur < limit.rlim_max {
            limit.rlim_cur = limit.rlim_max
            // If it is refused, the limit is what it was.
            guard setrlimit(resource, &limit) == 0, getrlimit(resource, &limit) == 0 else { return 16 }
        }
        let files = Int(clamping: UInt64(limit.rlim_cur))
        return max(16, (files - reserved) / perConnection)
    }
}
