// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import Digests
internal import Problems

#if canImport(Glibc)
internal import Glibc
#endif

/// What is in the cache: a file of records to which every process of the node appends, and in memory where the record
/// of each object stands.
///
/// A cache may hold millions of objects, so names, sizes and digests stay in the file: the kernel keeps what is asked
/// for often.
///
/// A record is written by one `write` to a file that is open for appending, so that processes do not mix theirs, and
/// *before* the object gets its name: a process that is killed in between leaves a record without an object, which
/// the next look-up forgets. An object without a record has no digest to be verified by and counts as absent.
struct CacheIndex {
    /// What is known of one object.
    struct Entry {
        var name: ContentHash
        var size: Int64
        var used: Int64
        var contentDigest: [UInt8]
        var content: CachedContent
        /// The fingerprint of the file's stamp when its content was last verified; 0 if it was not since start.
        var verifiedStamp: UInt64
    }

    private var table = RecordTable()
    /// The sum of all sizes.
    private(set) var totalSize: Int64 = 0
    /// Whether a damaged record was met, or the file was gone, after which names on disk may lack a record.
    private(set) var isDamaged = false

    /// Grows when the file was written anew, after which its records have other numbers.
    private(set) var edition = 0

    private let directory: String
    private var path: String { directory + "/index" }
    private var descriptor: Int32 = -1
    private var position: Int64 = 0

    /// Opens the file of a cache's directory, or makes it, and reads it.
    init(directory: String) throws(CacheProblem) {
        self.directory = directory
        try reopen()
    }

    /// Closes the file; the index must not be used afterwards.
    mutating func close() {
        if descriptor >= 0 { Glibc.close(descriptor) }
        descriptor = -1
    }

    /// How many objects are known.
    var count: Int { table.count }

    /// What is known of an object; `nil` for one that is not known.
    func entry(of name: ContentHash) -> Entry? {
        guard let index = find(name) else { return nil }
        return entry(table[index])
    }

    /// Remembers that a file had the content of its record when it had a stamp.
    mutating func setVerified(_ name: ContentHash, _ stamp: FileStamp) {
        if let index = find(name) { table[index].verifiedStamp = stamp.fingerprint }
    }

    /// The numbers of all records, those of the least recently used objects first.
    func recordsByUse() -> [UInt32] { uses().map(\.record) }

    /// The times and numbers of all records, those of the least recently used objects first.
    func uses() -> [(used: UInt32, record: UInt32)] {
        table.uses.sorted { ($0.used, $0.record) < ($1.used, $1.record) }
    }

    /// What the record of a number says; `nil` if it cannot be read.
    func record(_ number: UInt32) -> IndexRecord? {
        var bytes = [UInt8](repeating: 0, count: IndexRecord.byteCount)
        let count = pread(descriptor, &bytes, bytes.count, off_t(number) * off_t(IndexRecord.byteCount))
        return count == bytes.count ? IndexRecord(bytes[...]) : nil
    }

    /// A record that cannot be read any more is as good as none.
    private func find(_ name: ContentHash) -> Int? { table.find(name) { record($0)?.name == name } }

    private func entry(_ place: RecordTable.Place) -> Entry? {
        guard let record = record(place.record) else { return nil }
        return Entry(
            name: record.name,
            size: record.size,
            used: Int64(place.used),
            contentDigest: record.contentDigest,
            content: record.content,
            verifiedStamp: place.verifiedStamp
        )
    }

    /// Reads what other processes appended.
    mutating func catchUp() throws(CacheProblem) {
        var status = stat()
        // Another process wrote the file anew, or somebody removed it with everything else.
        if fstat(descriptor, &status) == 0, status.st_nlink == 0 {
            if access(path, F_OK) != 0 { try CacheDirectory.prepare(directory) }
            try reopen()
            return
        }
        guard Int64(status.st_size) > position else { return }
        // Mostly one record: that which was just appended.
        let waiting = Int(clamping: Int64(status.st_size) - position)
        var buffer = [UInt8](repeating: 0, count: min(waiting, 1024 * IndexRecord.byteCount))
        while true {
            let count = pread(descriptor, &buffer, buffer.count, off_t(position))
            let whole = count / IndexRecord.byteCount
            guard count > 0, whole > 0 else { return }
            for number in 0..<whole {
                let start = number * IndexRecord.byteCount
                let place = UInt32(clamping: Int(position) / IndexRecord.byteCount + number)
                if let record = IndexRecord(buffer[start..<(start + IndexRecord.byteCount)]) {
                    apply(record, at: place)
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

    /// Forgets an object though no record of that can be written: the disk is full.
    ///
    /// Other processes, and the next start, find out when they look for its file.
    mutating func drop(_ name: ContentHash) {
        guard let index = find(name) else { return }
        totalSize &-= size(at: index)
        table.remove(at: index)
    }

    /// Writes the file anew without what is superseded.
    ///
    /// The caller holds the cache's lock.
    mutating func compactIfWorthwhile() throws(CacheProblem) {
        // What was damaged has been settled; a file with nothing in it needs no other one.
        defer { isDamaged = false }
        guard
            isDamaged && position > 0
                || position > Int64(IndexRecord.byteCount) * Int64(2 * table.count + 4096)
        else {
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
        guard writeRecords(to: file), rename(fresh, path) == 0 else {
            throw CacheProblem(
                .write,
                "cannot rewrite the cache's index",
                cause: SystemCallProblem("write", fresh)
            )
        }
        try reopen()
    }

    private func writeRecords(to file: Int32) -> Bool {
        var bytes: [UInt8] = []
        func flush() -> Bool {
            defer { bytes.removeAll(keepingCapacity: true) }
            return write(file, bytes, bytes.count) == bytes.count
        }
        for (used, number) in table.uses {
            guard let record = record(number) else { continue }
            var fresh = record
            fresh.time = Int64(used)
            bytes += fresh.encoded
            if bytes.count >= 1 << 16, !flush() { return false }
        }
        return flush()
    }

    private mutating func reopen() throws(CacheProblem) {
        close()
        (table, totalSize, position, isDamaged) = (RecordTable(), 0, 0, false)
        edition += 1
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
        if fstat(descriptor, &status) != 0 || Int(status.st_size) % IndexRecord.byteCount != 0
            || status.st_size == 0
        {
            isDamaged = true
        }
    }

    private mutating func apply(_ record: IndexRecord, at number: UInt32) {
        let index = find(record.name)
        let used = UInt32(clamping: record.time)
        switch (record.kind, index) {
        case (.added, let index?):
            totalSize &-= size(at: index)
            totalSize &+= record.size
            table.move(index, to: number)
            table[index].used = used
        case (.added, nil):
            totalSize &+= record.size
            table.insert(record.name, record: number, used: used)
        case (.used, let index?): table[index].used = used
        case (.removed, let index?):
            totalSize &-= size(at: index)
            table.remove(at: index)
        case (.used, nil), (.removed, nil): break
        }
    }

    private func size(at index: Int) -> Int64 { record(table[index].record)?.size ?? 0 }
}
