// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// What the kernel knows of this process.
///
/// - Source: proc(5).
struct ProcessFigures: Sendable {
    /// Seconds of processor time, user and system.
    var processorTime = 0.0
    var residentBytes: Int64 = 0
    var openFiles = 0
    var maximumFiles: Int64 = 0

    /// Reads them; what cannot be read is 0.
    ///
    /// Blocks for some microseconds.
    static func read() -> ProcessFigures {
        var figures = ProcessFigures()
        var usage = rusage()
        if getrusage(RUSAGE_SELF.rawValue, &usage) == 0 {
            figures.processorTime = seconds(usage.ru_utime) + seconds(usage.ru_stime)
        }
        if let file = fopen("/proc/self/statm", "r") {
            defer { fclose(file) }
            var line = [CChar](repeating: 0, count: 256)
            if fgets(&line, Int32(line.count), file) != nil {
                let words = String(
                    decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) },
                    as: UTF8.self
                )
                .split(separator: " ")
                figures.residentBytes =
                    (words.count > 1 ? Int64(words[1]) ?? 0 : 0) * Int64(sysconf(Int32(_SC_PAGESIZE)))
            }
        }
        if let directory = opendir("/proc/self/fd") {
            defer { closedir(directory) }
            while readdir(directory) != nil { figures.openFiles += 1 }
            // The two links of every directory, and the one that is open for looking.
            figures.openFiles = max(0, figures.openFiles - 3)
        }
        var limit = rlimit()
        if getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 {
            figures.maximumFiles = Int64(clamping: limit.rlim_cur)
        }
        return figures
    }

    /// Free bytes for ordinary users on the file system of a path; `nil` if it cannot be told.
    static func freeBytes(at path: String) -> Int64? {
        var status = statvfs()
        guard statvfs(path, &status) == 0 else { return nil }
        return Int64(
            clamping: UInt64(status.f_bavail).multipliedReportingOverflow(by: UInt64(status.f_frsize))
                .partialValue
        )
    }

    /// The size of a file; 0 if there is none.
    static func size(of path: String) -> Int64 {
        var status = stat()
        return stat(path, &status) == 0 ? Int64(status.st_size) : 0
    }

    private static func seconds(_ time: timeval) -> Double {
        Double(time.tv_sec) + Double(time.tv_usec) / 1e6
    }
}
