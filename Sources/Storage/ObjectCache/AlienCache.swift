// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

package import Digests
internal import Problems
internal import Synchronization

#if canImport(Glibc)
internal import Glibc
#endif

/// A directory of plain objects that other machines and stock clients use at the same time: no limit, no index, and
/// whoever runs it removes what is too much.
///
/// ```
/// <directory>/                           directories 0770, files 0660
///   xx/<rest of the digest><algorithm>   the plain content
///   txn/                                 objects on their way in
/// ```
/// The name is the hash of the *stored* form, so nothing in the directory says what a plain content must be, except
/// where this client wrote it: then a label does, and the content is hashed at its first open. What others wrote is
/// trusted as stock clients trust it; sizes are compared with the catalog by whoever opens it.
/// - Source: cvmfs-format H.7, H.9.
package final class AlienCache: CacheStore, TransactionHome {
    /// What may be done to the directory.
    package enum Access: Sendable {
        case readWrite
        case readOnly
    }

    package let directory: String

    private let access: Access
    private let report: @Sendable (String) -> Void
    private let transactions = Mutex(0)
    /// What the labelled files looked like when their content was verified.
    private let verified = Mutex<[ContentHash: UInt64]>([:])
    let spare = SpareMemory(limitInBytes: 64 << 20)

    private static let verifiedLimit = 1 << 16

    /// Opens a shared cache, making what is missing of it unless it is read-only.
    ///
    /// - Parameters:
    ///   - directory: an absolute path.
    ///   - access: what may be done to it.
    ///   - report: told of what an operator should know.
    /// - Throws: `directory`.
    package init(
        directory: String,
        access: Access,
        report: @escaping @Sendable (String) -> Void
    ) throws(CacheProblem) {
        self.directory = directory
        self.access = access
        self.report = report
        switch access {
        case .readWrite: try CacheDirectory.prepareShared(directory)
        case .readOnly:
            guard Glibc.access(directory, R_OK | X_OK) == 0 else {
                throw CacheProblem(
                    .directory,
                    "cannot read the cache",
                    cause: SystemCallProblem("open", directory)
                )
            }
        }
    }

    package var limitInBytes: Int64 { fileSystem.total }
    package var totalSize: Int64 { fileSystem.used }
    /// Nobody would remove the parts.
    package var joinLimitInBytes: Int64 { 0 }

    private var fileSystem: (total: Int64, used: Int64) {
        var status = statvfs()
        guard statvfs(directory, &status) == 0 else { return (Int64.max, 0) }
        let block = UInt64(status.f_frsize)
        return (
            Int64(clamping: UInt64(status.f_blocks) &* block),
            Int64(clamping: (UInt64(status.f_blocks) &- UInt64(status.f_bfree)) &* block)
        )
    }

    private func path(of name: ContentHash) -> String { directory + "/" + name.objectName(.file) }

    package func open(_ name: ContentHash) throws(CacheProblem) -> CachedObject? {
        let path = path(of: name)
        let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else {
            // A file that this user may not read is as good as none: it is fetched again.
            guard [ENOENT, EACCES, ELOOP, ESTALE].contains(errno) else {
                throw CacheProblem(.read, "cannot open \(name)", cause: SystemCallProblem("open", path))
            }
            return nil
        }
        let label = RecordLabel.read(from: descriptor)
        guard let stamp = FileStamp(of: descriptor), isGood(stamp, descriptor, label, name) else {
            close(descriptor)
            try quarantine(name)
            return nil
        }
        return CachedObject(
            name: name,
            content: label?.content ?? .data,
            descriptor: descriptor,
            stamp: stamp,
            contentDigest: label?.contentDigest,
            path: path
        )
    }

    private func isGood(
        _ stamp: FileStamp,
        _ descriptor: Int32,
        _ label: IndexRecord?,
        _ name: ContentHash
    ) -> Bool {
        guard let label else { return true }
        guard label.name == name, label.size == stamp.size else { return false }
        if verified.withLock({ $0[name] }) == stamp.fingerprint { return true }
        guard ContentDigest.of(descriptor) == label.contentDigest else { return false }
        remember(name, stamp)
        return true
    }

    private func remember(_ name: ContentHash, _ stamp: FileStamp) {
        verified.withLock { verified in
            // Started anew when it is full: then contents are hashed once more.
            if verified.count >= Self.verifiedLimit { verified.removeAll(keepingCapacity: true) }
            verified[name] = stamp.fingerprint
        }
    }

    package func begin(_ content: CachedContent) throws(CacheProblem) -> CacheTransaction {
        let number = transactions.withLock { number in
            number += 1
            return number
        }
        // The same directory serves many machines, whose process numbers mean nothing to each other.
        let path = "\(directory)/txn/wharf-\(getpid())-\(number)-\(UInt64.random(in: 0...UInt64.max))"
        do { return try CacheTransaction(home: self, path: path, content: content, mode: 0o660) } catch {
            guard (error.cause as? SystemCallProblem)?.errorNumber == ENOENT, access == .readWrite else {
                throw error
            }
        }
        try CacheDirectory.prepareShared(directory)
        return try CacheTransaction(home: self, path: path, content: content, mode: 0o660)
    }

    package func quarantine(_ name: ContentHash) throws(CacheProblem) {
        guard access == .readWrite else {
            report("object \(name) in \(directory) is not what it should be")
            return
        }
        report("object \(name) in \(directory) is not what it should be: removed")
        unlink(path(of: name))
    }

    // MARK: Transactions

    func tell(_ line: String) { report(line) }

    /// Whoever runs the directory decides what goes.
    func makeRoom(forBytes _: Int64) -> Bool { false }

    func adopt(_ file: CompleteFile) throws(CacheProblem) -> CachedObject? {
        guard access == .readWrite else { return nil }
        // Against the mask of the user: others shall read and remove it.
        fchmod(file.descriptor, 0o660)
        RecordLabel.write(
            IndexRecord(
                .added,
                file.name,
                time: Int64(time(nil)),
                size: file.size,
                contentDigest: file.contentDigest,
                content: file.content
            ),
            to: file.descriptor
        )
        let target = path(of: file.name)
        guard place(file.temporary, target), let stamp = FileStamp(of: file.descriptor) else {
            report("an object is not kept: \(SystemCallProblem("link", target))")
            return nil
        }
        remember(file.name, stamp)
        return CachedObject(
            name: file.name,
            content: file.content,
            descriptor: file.descriptor,
            stamp: stamp,
            contentDigest: file.contentDigest,
            path: target
        )
    }

    /// Links, so that a file that another machine put there first stays; renames where links are not to be had.
    private func place(_ temporary: String, _ target: String) -> Bool {
        if link(temporary, target) == 0 || errno == EEXIST {
            unlink(temporary)
            return true
        }
        return rename(temporary, target) == 0
    }
}
