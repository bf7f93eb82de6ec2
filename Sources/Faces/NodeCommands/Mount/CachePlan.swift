// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import ObjectCache
internal import Problems

#if canImport(Glibc)
internal import Glibc
#endif

/// Where a mount keeps objects: what its settings say, before any directory is touched.
indirect enum CachePlan: Equatable, Sendable {
    /// Our own directory, bounded.
    case kept(directory: String, limitInBytes: Int64)
    /// A directory that others use at the same time.
    case alien(directory: String)
    /// A directory that others fill.
    case readOnly(directory: String)
    case memory(limitInBytes: Int64)
    case tiered(upper: CachePlan, lower: CachePlan, writesLower: Bool)

    /// Opens the directories.
    func open(_ report: @escaping @Sendable (String) -> Void) throws(CacheProblem) -> any CacheStore {
        let now: @Sendable () -> Int64 = { Int64(time(nil)) }
        switch self {
        case .kept(let directory, let limit):
            return try ObjectCache(directory: directory, limitInBytes: limit, now: now, report: report)
        case .alien(let directory):
            return try AlienCache(directory: directory, access: .readWrite, report: report)
        case .readOnly(let directory):
            return try AlienCache(directory: directory, access: .readOnly, report: report)
        case .memory(let limit):
            return try RAMCache(in: "/dev/shm", limitInBytes: limit, now: now, report: report)
        case .tiered(let upper, let lower, let writesLower):
            return TieredCache(
                upper: try upper.open(report),
                lower: try lower.open(report),
                writesLower: writesLower
            )
        }
    }
}

/// The directory of what is neither an object nor for others: the log, and the revisions that were seen.
enum WorkDirectory {
    /// The directory that this process is in; `nil` if it is gone.
    static var current: String? {
        guard let path = getcwd(nil, 0) else { return nil }
        defer { free(path) }
        return String(cString: path)
    }

    /// Makes whatever is missing of it.
    static func make(_ path: String) throws(SettingProblem) {
        var made = ""
        for part in path.split(separator: "/") {
            made += "/" + part
            guard mkdir(made, 0o755) == 0 || errno == EEXIST else {
                throw SettingProblem(
                    .startFailed,
                    "cannot make the directory \(path)",
                    cause: SystemCallProblem("mkdir", made)
                )
            }
        }
    }
}
