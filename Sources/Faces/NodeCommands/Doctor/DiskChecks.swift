// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import Problems

#if canImport(Glibc)
internal import Glibc
#endif

/// The disk that the cache is on.
enum DiskChecks {
    /// Looks at a cache directory, or at the directory that it would be made in.
    static func all(_ directory: String, limitInBytes: Int64) -> [Finding] {
        guard let existing = nearest(directory) else {
            return [.wrong(.disk, "\(directory) has no parent that exists", "mkdir -p \(directory)")]
        }
        var status = statvfs()
        guard access(existing, W_OK) == 0, statvfs(existing, &status) == 0 else {
            let cause = SystemCallProblem("write to", existing)
            return [
                .wrong(
                    .disk,
                    "\(cause)",
                    "choose a directory that can be written: CVMFS_CACHE_BASE or --cache"
                )
            ]
        }
        let (free, overflow) = UInt64(status.f_bavail).multipliedReportingOverflow(
            by: UInt64(status.f_frsize)
        )
        let freeBytes = overflow ? Int64.max : Int64(clamping: free)
        let used = usedBytes(directory)
        let text = "\(existing): \(freeBytes >> 20) MiB free, \(used >> 20) MiB used by the cache"
        var findings: [Finding] = []
        if status.f_favail == 0, status.f_files > 0 {
            findings.append(
                .wrong(.disk, "\(existing) has no free inodes", "remove files, or move the cache")
            )
        } else if freeBytes < 64 << 20 {
            findings.append(
                .wrong(
                    .disk,
                    text,
                    "free some space, or lower CVMFS_QUOTA_LIMIT and run: wharf client cache wipe"
                )
            )
        } else {
            findings.append(.fine(.disk, text))
        }
        findings.append(quota(limitInBytes, free: freeBytes, used: used))
        return findings
    }

    private static func quota(_ limit: Int64, free: Int64, used: Int64) -> Finding {
        guard limit < Int64.max else { return .fine(.quota, "no limit") }
        let (room, overflow) = free.addingReportingOverflow(used)
        guard overflow || limit <= room else {
            return .doubtful(
                .quota,
                "the cache may grow to \(limit >> 20) MiB, and the disk has \(room >> 20) MiB for it",
                room < 1000 << 20
                    ? "free some space, or move the cache to another disk with CVMFS_CACHE_BASE"
                    : "set CVMFS_QUOTA_LIMIT=\((room >> 20) / 10 * 8) in /etc/cvmfs/default.local"
            )
        }
        guard limit >= 1000 << 20 else {
            return .doubtful(
                .quota,
                "the cache may grow to \(limit >> 20) MiB only",
                "give it as much as the programs of a job read, 4000 MiB or more"
            )
        }
        return .fine(.quota, "up to \(limit >> 20) MiB")
    }

    /// What the cache's files take, by their sizes on disk.
    private static func usedBytes(_ directory: String) -> Int64 {
        var total: Int64 = 0
        for number in 0..<256 {
            let digits = String(number, radix: 16)
            let path = directory + "/" + (digits.count == 1 ? "0" + digits : digits)
            for file in SmallFile.names(in: path, endingIn: "") {
                var status = stat()
                if lstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG {
                    total += Int64(status.st_blocks) * 512
                }
            }
        }
        return total
    }

    private static func nearest(_ path: String) -> String? {
        var path = path
        while access(path, F_OK) != 0 {
            guard let slash = path.lastIndex(of: "/") else { return nil }
            path = slash == path.startIndex ? "/" : String(path[..<slash])
        }
        return path
    }
}
