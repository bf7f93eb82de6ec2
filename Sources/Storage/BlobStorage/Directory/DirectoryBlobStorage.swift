// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

package import Digests
internal import Glibc
internal import NIOCore
package import NIOPosix
internal import Problems
internal import Synchronization

/// Blobs as plain files in a directory.
///
/// An upload is written aside, synced, and then renamed to its final name, so that a name is never seen with half a
/// content; `DirectoryLayout` draws the tree. One process may use a directory at a time: the server's lock sees to it.
package final class DirectoryBlobStorage: BlobStorage {
    let layout: DirectoryLayout
    let threads: BlockingThreads
    private let calls: FileCalls
    private let sessions = UploadSessions()

    /// Opens the directory, and makes it if it is new.
    ///
    /// Blocks.
    ///
    /// All blocking calls run on `threads`, which must outlive the storage.
    package init(
        root: String,
        threads: NIOThreadPool,
        calls: FileCalls = .system
    ) throws(BlobProblem) {
        layout = DirectoryLayout(root: root)
        self.threads = BlockingThreads(pool: threads)
        self.calls = calls
        try layout.create()
    }

    /// The path of a blob's file, whether it is there or not, for readers that block on threads of their own.
    package func path(of digest: OCIDigest) -> String { layout.blob(digest) }

    package func size(of digest: OCIDigest) async throws(BlobProblem) -> Int64? {
        let path = layout.blob(digest)
        return try await threads.run { () throws(BlobProblem) in
            var status = stat()
            guard stat(path, &status) != 0 else { return Int64(status.st_size) }
            guard errno == ENOENT else { throw BlobProblem(SystemCallProblem("stat", path)) }
            return nil
        }
    }

    package func open(_ digest: OCIDigest) async throws(BlobProblem) -> (any BlobContent)? {
        try await PlainFiles(threads: threads).open(layout.blob(digest))
    }

    package func withUpload<Result: Sendable>(
        _ id: UploadID,
        _ body: (any BlobUpload) async throws -> Result
    ) async throws -> Result {
        let upload: DirectoryUpload
        switch sessions.take(id) {
        case .busy: throw BlobProblem(.uploadBusy, "another request is writing to the upload \(id)")
        case .idle(let known): upload = known
        case .unknown:
            do {
                upload = try await openUpload(id)
            } catch {
                sessions.forget(id)
                throw error
            }
        }
        defer { sessions.giveBack(id, upload.isFinished ? nil : upload) }
        return try await body(upload)
    }

    package func discardUpload(_ id: UploadID) async throws(BlobProblem) {
        // A writer that still holds the upload goes on into the unlinked file and finds at `finish` that it is gone.
        let path = layout.upload(id)
        sessions.forgetIdle(id)
        try await threads.run { () throws(BlobProblem) in
            guard unlink(path) == 0 || errno == ENOENT else {
                throw BlobProblem(SystemCallProblem("remove", path))
            }
        }
    }

    package func uploads() async throws(BlobProblem) -> [UploadID] {
        let path = layout.uploads
        return try await threads.run { () throws(BlobProblem) in
            try DirectoryLayout.names(in: path).compactMap { UploadID($0) }
        }
    }

    package func delete(_ digest: OCIDigest) async throws(BlobProblem) -> Bool {
        let path = layout.blob(digest)
        return try await threads.run { () throws(BlobProblem) in
            guard unlink(path) != 0 else { return true }
            guard errno == ENOENT else { throw BlobProblem(SystemCallProblem("remove", path)) }
            return false
        }
    }

    package func digests(after last: OCIDigest?, limit: Int) async throws(BlobProblem) -> [OCIDigest] {
        let layout = layout
        return try await threads.run { () throws(BlobProblem) in
            var found: [OCIDigest] = []
            for algorithm in [DigestAlgorithm.sha256, .sha512] {
                let directory = layout.algorithm(algorithm)
                for shard in try DirectoryLayout.names(in: directory) {
                    // Whole shards before `last` need not be listed.
                    if let last, "\(algorithm.rawValue):\(shard)~" < last.description { continue }
                    for name in try DirectoryLayout.names(in: "\(directory)/\(shard)") {
                        guard found.count < limit else { return found }
                        guard let digest = OCIDigest("\(algorithm.rawValue):\(name)") else { continue }
                        if let last, digest.description <= last.description { continue }
                        found.append(digest)
                    }
                }
            }
            return found
        }
    }

    private func openUpload(_ id: UploadID) async throws(BlobProblem) -> DirectoryUpload {
        let (layout, threads, calls) = (layout, threads, calls)
        return try await threads.run { () throws(BlobProblem) in
            let path = layout.upload(id)
            let file = try FileDescriptor(opening: path, flags: O_RDWR | O_CREAT)
            return DirectoryUpload(
                file: file,
                path: path,
                size: try file.size(path: path),
                layout: layout,
                threads: threads,
                calls: calls
            )
        }
    }
}
