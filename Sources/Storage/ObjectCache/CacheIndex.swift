// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import Digests
internal import Problems

#if canImport(Glibc)
internal import Glibc
#endif

/// What is in the cache: a file of records to which every process of the node appends, and its sum in memory.
///
/// A record is written by one `write` to a file that is open for appending, so that processes do not mix theirs, and
/// *before* the object gets its name: a process that is killed in between leaves a record without an object, which
/// the next look-up forgets. An object without a record has no digest to be verified by and counts as absent.
struct CacheIndex {
    /// What is known of one object.
    struct Entry {
        var size: Int64
        var used: Int64
        var contentDigest: [UInt8]
    }

    private(set) var entries: [ContentHash: Entry] = [:]
    /// The sum of all sizes.
    private(set) var totalSize: Int64 = 0
    /// Whether a damaged record was met, after which names on disk may lack a record.
    private(set) var isDamaged = false

    private let path: String
    private var descriptor: Int32 = -1
    private var position: Int64 = 0

    /// Opens the file, or makes it, and reads it.
    init(path: String) throws(CacheProblem) {
        self.path = path
        try reopen()
    }

    /// Closes the file; the index must not be used afterwards.
    mutating func close() {
        if descriptor >= 0 { Glibc.close(descriptor) }
        descriptor = -1
    }

    /// Reads what other processes appended.
    mutating func catchUp() throws(CacheProblem) {
        var status = stat()
        // Another process wrote the file anew.
        if fstat(descriptor, &status) == 0, status.st_nlink == 0 {
            try reopen()
            return
        }
        guard Int64(status.st_size) > position else { return }
        var buffer = [UInt8](repeating: 0, count: 1024 * IndexRecord.byteCount)
        while true {
            let count = pread(descriptor, &buffer, buffer.count, off_t(position))
            let whole = count / IndexRecord.byteCount
            guard count > 0, whole > 0 else { return }
            for number in 0..<whole {
                let start = number * IndexRecord.byteCount
                if let record = IndexRecord(buffer[start..<(start + IndexRecord.byteCount)]) {
                    apply(record)
                } else {
                    isDamaged = true
                }
            }
            position += Int64(whole * IndexRecord.byteCount)
        }
    }

    /// Appends a record for all processes, and counts it here.
    mutating func append(_ record: IndexRecord) throws(CacheProblem) {
        try catchUp()
        let bytes = record.encoded
        let count = write(descriptor, bytes, bytes.count)
        guard count == bytes.count else {
            let cause = SystemCallProblem("write", path)
            // A part of a record would shift all that follow.
            var status = stat()
            if count > 0, fstat(descriptor, &status) == 0 {
                _ = ftruncate(descriptor, status.st_size - off_t(count))
            }
            throw CacheProblem(.write, "cannot extend the cache's index", cause: cause)
        }
        try catchUp()
    }

    /// Writes the file anew without what is superseded.
    ///
    /// The caller holds the cache's lock.
    mutating func compactIfWorthwhile() throws(CacheProblem) {
        guard isDamaged || position > Int64(IndexRecord.byteCount) * Int64(2 * entries.count + 4096) else {
            return
        }
        let fresh = path + ".new"
        let file = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard file >= 0 else {
            throw CacheProblem(
                .write,
                "cannot rewrite the cache's index",
                cause: SystemCallProblem("open", fresh)
            )
        }
        defer { Glibc.close(file) }
        var bytes: [UInt8] = []
        for (name, entry) in entries {
            let (size, digest) = (entry.size, entry.contentDigest)
            bytes += IndexRecord(.added, name, time: entry.used, size: size, contentDigest: digest).encoded
        }
        guard write(file, bytes, bytes.count) == bytes.count, rename(fresh, path) == 0 else {
            throw CacheProblem(
                .write,
                "cannot rewrite the cache's index",
                cause: SystemCallProblem("write", fresh)
            )
        }
        try reopen()
    }

    private mutating func reopen() throws(CacheProblem) {
        close()
        (entries, totalSize, position, isDamaged) = ([:], 0, 0, false)
        descriptor = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw CacheProblem(
                .directory,
                "cannot use the cache's index",
                cause: SystemCallProblem("open", path)
            )
        }
        try catchUp()
        var status = stat()
        // A record that was cut short shifts all that follow.
        if fstat(descriptor, &status) != 0 || Int(status.st_size) % IndexRecord.byteCount != 0 {
            isDamaged = true
        }
    }

    private mutating func apply(_ record: IndexRecord) {
        switch record.kind {
        case .added:
            totalSize &-= entries[record.name]?.size ?? 0
            totalSize &+= record.size
            entries[record.name] = Entry(
                size: record.size,
                used: record.time,
                contentDigest: record.contentDigest
            )
        case .used: entries[record.name]?.used = record.time
        case .removed:
            if let entry = entries.removeValue(forKey: record.name) { totalSize &-= entry.size }
        }
    }
}
