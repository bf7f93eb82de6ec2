// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CCacheFiles
package import Digests
internal import Problems

#if canImport(Glibc)
internal import Glibc
#endif

/// An object on its way into the cache: written aside, named when it is complete and verified.
///
/// Where the disk is full, older objects go; where that does not help, the content goes on in memory and is not kept.
/// The temporary file goes when the transaction does. Belongs to one thread.
package final class CacheTransaction {
    /// Whether the object stays after its readers.
    enum Keeping {
        case named
        case nameless
    }

    var keeping = Keeping.named
    /// Told of the finished object.
    var onCommit: ((CachedObject) -> Void)?

    private let home: any TransactionHome
    private let content: CachedContent
    private let path: String
    private var descriptor: Int32
    private let hasher = IncrementalDigest(.sha256)
    private var lease: SpareMemory.Lease?
    /// The name of the file in memory, if it needs one.
    private var spareName: String?
    private var isFinished = false

    /// Makes the temporary file.
    ///
    /// - Throws: `write`; its cause tells a directory that is gone (ENOENT).
    init(
        home: any TransactionHome,
        path: String,
        content: CachedContent,
        mode: mode_t = 0o600
    ) throws(CacheProblem) {
        self.home = home
        self.path = path
        self.content = content
        descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, mode)
        if descriptor < 0, errno == ENOSPC || errno == EDQUOT {
            if home.makeRoom(forBytes: 1 << 20) {
                descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, mode)
            }
            if descriptor < 0 {
                let problem = SystemCallProblem("open", path, errorNumber: ENOSPC)
                try goOnInMemory(problem)
                return
            }
        }
        guard descriptor >= 0 else {
            throw CacheProblem(.write, "cannot add to the cache", cause: SystemCallProblem("open", path))
        }
        // Tells a living transaction from what a killed process left behind, and stays when the file gets its name:
        // nobody evicts it before its first reader is done.
        _ = flock(descriptor, LOCK_SH | LOCK_NB)
    }

    deinit {
        guard !isFinished else { return }
        if let name = lease == nil ? path : spareName { unlink(name) }
        close(descriptor)
    }

    /// How many bytes were written.
    package var byteCount: Int64 { hasher.byteCount }

    /// Appends content.
    package func write(_ bytes: UnsafeRawBufferPointer) throws(CacheProblem) {
        // Written first: the count of the hash is where the file ends if the disk is full.
        try put(bytes)
        hasher.update(bytes)
    }

    /// Appends the whole content of an object; the file system may share its blocks.
    package func append(_ object: CachedObject) throws(CacheProblem) {
        try object.verify()
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 4096)
        defer { buffer.deallocate() }
        var copied = lease == nil ? copyWithinKernel(object) : 0
        var position: Int64 = 0
        while position < object.size {
            let count = try object.read(at: position, into: buffer)
            guard count > 0 else { break }
            let piece = UnsafeRawBufferPointer(rebasing: buffer[..<count])
            let known = Int(clamping: max(0, min(copied - position, Int64(count))))
            if known < count {
                try put(UnsafeRawBufferPointer(rebasing: piece[known...]))
                copied = position + Int64(count)
            }
            hasher.update(piece)
            position += Int64(count)
        }
    }

    /// Returns how many bytes were copied before something kept the kernel from it.
    private func copyWithinKernel(_ object: CachedObject) -> Int64 {
        var done: Int64 = 0
        while done < object.size {
            let count = wharf_copy_range(
                object.descriptor,
                done,
                descriptor,
                Int(clamping: object.size - done)
            )
            if count == -Int(EINTR) { continue }
            guard count > 0 else { break }
            done += Int64(count)
        }
        return done
    }

    private func put(_ bytes: UnsafeRawBufferPointer) throws(CacheProblem) {
        if let lease, !lease.take(Int64(bytes.count)) { throw noMemory() }
        var rest = bytes
        var hasMadeRoom = false
        while !rest.isEmpty {
            let count = Glibc.write(descriptor, rest.baseAddress, rest.count)
            if count < 0, errno == EINTR { continue }
            if count > 0 {
                rest = UnsafeRawBufferPointer(rebasing: rest[count...])
                continue
            }
            let problem = SystemCallProblem("write", path, errorNumber: count < 0 ? errno : ENOSPC)
            guard lease == nil, [ENOSPC, EDQUOT].contains(problem.errorNumber) else {
                throw CacheProblem(.write, "cannot add to the cache", cause: problem)
            }
            if !hasMadeRoom, home.makeRoom(forBytes: Int64(rest.count)) {
                hasMadeRoom = true
                continue
            }
            try goOnInMemory(problem)
            if lease?.take(Int64(rest.count)) != true { throw noMemory() }
        }
    }

    /// Moves what was written so far into memory.
    private func goOnInMemory(_ problem: SystemCallProblem) throws(CacheProblem) {
        let lease = home.spare.lease()
        let end = descriptor >= 0 ? Int64(lseek(descriptor, 0, SEEK_CUR)) : 0
        guard lease.take(end), let (memory, name) = SpareMemory.file(for: content) else {
            throw CacheProblem(.write, "cannot add to the cache", cause: problem)
        }
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 4096)
        defer { buffer.deallocate() }
        var position: Int64 = 0
        while position < end {
            let count = pread(
                descriptor,
                buffer.baseAddress,
                min(buffer.count, Int(end - position)),
                off_t(position)
            )
            guard count > 0, Glibc.write(memory, buffer.baseAddress, count) == count else {
                if let name { unlink(name) }
                close(memory)
                throw CacheProblem(.write, "cannot add to the cache", cause: problem)
            }
            position += Int64(count)
        }
        if descriptor >= 0 {
            unlink(path)
            close(descriptor)
        }
        descriptor = memory
        self.lease = lease
        spareName = name
        home.tell("the cache's disk is full: what is read is not kept (\(problem))")
    }

    private func noMemory() -> CacheProblem {
        let cause = SystemCallProblem("write", path, errorNumber: ENOSPC)
        return CacheProblem(
            .write,
            "the cache's disk is full, and so is the memory that stands in for it",
            cause: cause
        )
    }

    /// Starts anew with no content.
    package func restart() throws(CacheProblem) {
        _ = hasher.finish()
        guard ftruncate(descriptor, 0) == 0, lseek(descriptor, 0, SEEK_SET) == 0 else {
            throw CacheProblem(.write, "cannot add to the cache", cause: SystemCallProblem("truncate", path))
        }
    }

    /// Gives the content its name.
    ///
    /// The caller has verified that it is what the name stands for. An object that cannot be kept is returned all the
    /// same, and vanishes with its last reader.
    package func commit(as name: ContentHash) throws(CacheProblem) -> CachedObject {
        let file = CompleteFile(
            descriptor: descriptor,
            temporary: path,
            name: name,
            content: content,
            size: hasher.byteCount,
            contentDigest: hasher.finish()
        )
        let object: CachedObject
        if let kept = try kept(file) { object = kept } else { object = try nameless(file) }
        onCommit?(object)
        return object
    }

    private func kept(_ file: CompleteFile) throws(CacheProblem) -> CachedObject? {
        guard lease == nil, keeping == .named, let object = try home.adopt(file) else { return nil }
        isFinished = true
        return object
    }

    private func nameless(_ file: CompleteFile) throws(CacheProblem) -> CachedObject {
        // SQLite opens by name: then the temporary one stays for as long as somebody has the object.
        var name = lease == nil ? path : spareName
        if content == .data, let unwanted = name {
            unlink(unwanted)
            name = nil
        }
        guard let stamp = FileStamp(of: descriptor), stamp.size == file.size else {
            throw CacheProblem(.write, "cannot add \(file.name)", cause: SystemCallProblem("stat", path))
        }
        isFinished = true
        return CachedObject(
            name: file.name,
            content: content,
            descriptor: descriptor,
            stamp: stamp,
            contentDigest: file.contentDigest,
            path: name ?? "/proc/self/fd/\(descriptor)",
            lease: lease,
            passingName: name
        )
    }
}
