// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

package import Digests
internal import Problems
internal import Synchronization

#if canImport(Glibc)
internal import Glibc
#endif

/// An open, verified object.
///
/// It stays readable, and is not evicted, while this value lives.
package final class CachedObject: Sendable {
    /// The object's name.
    package let name: ContentHash
    /// What it is for.
    package let content: CachedContent
    /// The file's size in bytes.
    package let size: Int64
    /// The open file, for `pread` and for the kernel.
    ///
    /// Closed when this value goes.
    package let descriptor: Int32

    /// The file's place, for libraries that open files by themselves.
    package let path: String

    private let stamp: Mutex<FileStamp>
    /// The SHA-256 that the content must have; `nil` where nobody recorded it.
    private let contentDigest: [UInt8]?
    private let lease: SpareMemory.Lease?
    /// A name that goes with this value: that of an object that is not kept but has to be opened by name.
    private let passingName: String?

    init(
        name: ContentHash,
        content: CachedContent,
        descriptor: Int32,
        stamp: FileStamp,
        contentDigest: [UInt8]?,
        path: String,
        lease: SpareMemory.Lease? = nil,
        passingName: String? = nil
    ) {
        self.name = name
        self.content = content
        self.descriptor = descriptor
        self.size = stamp.size
        self.stamp = Mutex(stamp)
        self.contentDigest = contentDigest
        self.path = path
        self.lease = lease
        self.passingName = passingName
    }

    // The lock on the file, which keeps every process of the node from evicting it, goes with the descriptor.
    deinit {
        if let passingName { unlink(passingName) }
        close(descriptor)
    }

    /// Reads bytes of the content; fewer than asked for only at its end.
    ///
    /// If the file's size or times changed since it was verified (an eviction by another process does that, and so
    /// does damage), its content is hashed again first.
    /// - Throws: `changed` if the content is not what it was, `read`.
    package func read(
        at offset: Int64,
        into buffer: UnsafeMutableRawBufferPointer
    ) throws(CacheProblem) -> Int {
        try verify()
        var filled = 0
        while filled < buffer.count {
            let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[filled...])
            let count = pread(descriptor, rest.baseAddress, rest.count, off_t(offset &+ Int64(filled)))
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else {
                throw CacheProblem(
                    .read,
                    "cannot read \(name)",
                    cause: SystemCallProblem("read", path)
                )
            }
            if count == 0 { break }
            filled += count
        }
        return filled
    }

    /// Hashes the content again if the file was touched.
    package func verify() throws(CacheProblem) {
        let now = FileStamp(of: descriptor)
        let known = stamp.withLock { $0 }
        guard now != known else { return }
        guard let now, now.size == size, isUnchanged(now, since: known) else {
            throw CacheProblem(.changed, "the cached object \(name) changed while it was open")
        }
        stamp.withLock { $0 = now }
    }

    private func isUnchanged(_ now: FileStamp, since known: FileStamp) -> Bool {
        guard let contentDigest else { return now.hasSameContentTime(as: known) }
        return ContentDigest.of(descriptor) == contentDigest
    }
}
