// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

package import Digests
internal import Glibc
internal import Problems

/// How a file of another registry became a blob.
package enum Adoption: Hashable, Sendable {
    /// It was there already.
    case present
    /// Both registries share its bytes on the disk.
    case linked
    case copied
}

extension DirectoryBlobStorage {
    /// Makes a file of another registry a blob, after its content was verified: by a second name of the same file where the
    /// file system can, else by a copy.
    ///
    /// Blocks. Never call it from a task. What is linked is the open file that was hashed, whatever its path names by
    /// then. The file must not be written to afterwards, as registries never do.
    ///
    /// - Parameters:
    ///   - path: the file.
    ///   - digest: what its content must have.
    /// - Returns: the size, and how it came here; `nil` if there is no plain file at the path.
    /// - Throws: `digestMismatch`; what the disk does.
    package func adoptBlocking(_ path: String, as digest: OCIDigest) throws(BlobProblem) -> (
        size: Int64, way: Adoption
    )? {
        guard let source = try FileDescriptor.reading(path) else { return nil }
        let status = try source.status(path: path)
        guard status.st_mode & S_IFMT == S_IFREG else { return nil }
        let size = Int64(status.st_size)
        let target = layout.blob(digest)
        var known = stat()
        // A file gets a blob's name only after it was verified.
        if stat(target, &known) == 0, Int64(known.st_size) == size { return (size, .present) }
        let shard = layout.shard(digest)
        if try DirectoryLayout.makeDirectory(shard) {
            try FileCalls.system.syncDirectory(layout.algorithm(digest.algorithm))
        }
        try Self.verify(source, path: path, digest, copyingTo: nil)
        let way: Adoption
        if linkat(AT_FDCWD, "/proc/self/fd/\(source.number)", AT_FDCWD, target, AT_SYMLINK_FOLLOW) == 0 {
            try FileCalls.system.syncFile(source.number, path: path)
            way = .linked
        } else {
            try copy(source, path: path, as: digest)
            way = .copied
        }
        try FileCalls.system.syncDirectory(shard)
        return (size, way)
    }

    /// The size of a blob; `nil` if it is not stored.
    ///
    /// Blocks.
    package func sizeBlocking(of digest: OCIDigest) -> Int64? {
        var status = stat()
        return stat(layout.blob(digest), &status) == 0 ? Int64(status.st_size) : nil
    }

    private func copy(_ source: FileDescriptor, path: String, as digest: OCIDigest) throws(BlobProblem) {
        // Its name is no upload's, so that the sweep of uploads leaves it alone; a copy that was cut short is begun anew.
        let aside = "\(layout.uploads)/import-\(digest.encoded)"
        let file = try FileDescriptor(opening: aside, flags: O_RDWR | O_CREAT | O_TRUNC)
        do throws(BlobProblem) {
            try Self.verify(source, path: path, digest, copyingTo: file)
            try FileCalls.system.syncFile(file.number, path: aside)
            try FileCalls.system.move(aside, to: layout.blob(digest))
        } catch {
            unlink(aside)
            throw error
        }
    }

    private static func verify(
        _ source: FileDescriptor,
        path: String,
        _ expected: OCIDigest,
        copyingTo target: FileDescriptor?
    ) throws(BlobProblem) {
        let digest = IncrementalDigest(expected.algorithm)
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)
        defer { buffer.deallocate() }
        while true {
            let offset = digest.byteCount
            let count = try source.read(into: buffer, at: offset, path: path)
            guard count > 0 else { break }
            let piece = UnsafeRawBufferPointer(rebasing: buffer[..<count])
            digest.update(piece)
            if let target {
                try FileCalls.system.writeAll(piece, to: target.number, at: Int64(offset), path: path)
            }
        }
        let found = OCIDigest(algorithm: expected.algorithm, bytes: digest.finish())
        guard found == expected else { throw BlobProblem.mismatch(expected: expected, found: found) }
    }
}
