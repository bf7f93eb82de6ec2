// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

package import Digests
internal import Glibc
internal import Problems

extension DirectoryBlobStorage {
    /// Moves the file first and looks afterwards which one it was: an upload may put a good file in its place at any
    /// moment, and between a look and a move it could not be told.
    package func quarantine(_ digest: OCIDigest, holding content: any BlobContent) async throws(BlobProblem)
        -> Bool
    {
        let (layout, threads) = (layout, threads)
        return try await threads.run { () throws(BlobProblem) in
            guard let descriptor = content.fileDescriptor else { return false }
            var damaged = stat()
            guard fstat(descriptor, &damaged) == 0 else {
                throw BlobProblem(SystemCallProblem("stat", layout.blob(digest)))
            }
            _ = try DirectoryLayout.makeDirectory(layout.quarantine)
            let (source, target) = (layout.blob(digest), layout.quarantined(digest))
            guard rename(source, target) == 0 else {
                guard errno == ENOENT else { throw BlobProblem(SystemCallProblem("rename", source)) }
                return false
            }
            var moved = stat()
            guard stat(target, &moved) == 0 else { throw BlobProblem(SystemCallProblem("stat", target)) }
            if moved.st_ino == damaged.st_ino, moved.st_dev == damaged.st_dev { return true }
            // A good file was moved: it goes back, unless one more upload has put the same content there already.
            guard link(target, source) == 0 || errno == EEXIST else {
                throw BlobProblem(SystemCallProblem("link", source))
            }
            unlink(target)
            return false
        }
    }
}
