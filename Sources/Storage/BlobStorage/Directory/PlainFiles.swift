// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import Glibc
package import NIOCore
package import NIOPosix
internal import Problems

/// Opens plain files as contents, for everything that is served as it lies on the disk.
package struct PlainFiles: Sendable {
    private let threads: BlockingThreads

    /// Runs the calls that block on `threads`.
    package init(threads: NIOThreadPool) { self.threads = BlockingThreads(pool: threads) }

    init(threads: BlockingThreads) { self.threads = threads }

    /// Opens a file; `nil` if there is no plain file of that name.
    ///
    /// A symbolic link at the end of the path is not followed.
    package func open(_ path: String) async throws(BlobProblem) -> PlainFile? {
        let threads = threads
        return try await threads.run { () throws(BlobProblem) -> PlainFile? in
            guard let file = try FileDescriptor.reading(path) else { return nil }
            let status = try file.status(path: path)
            guard status.st_mode & S_IFMT == S_IFREG else { return nil }
            return PlainFile(
                file: file,
                size: Int64(status.st_size),
                modified: Int64(status.st_mtim.tv_sec),
                path: path,
                threads: threads
            )
        }
    }
}

/// A plain file that is open for reading.
package struct PlainFile: BlobContent {
    let file: FileDescriptor
    package let size: Int64
    /// When the content changed last, in seconds since 1970.
    package let modified: Int64
    let path: String
    let threads: BlockingThreads

    package var fileDescriptor: Int32? { file.number }

    package func read(at offset: Int64, count: Int) async throws(BlobProblem) -> ByteBuffer {
        let wanted = Int(min(Int64(count), max(0, size - offset)))
        let (file, path) = (file, path)
        return try await threads.run { () throws(BlobProblem) in
            var buffer = ByteBufferAllocator().buffer(capacity: wanted)
            var problem: BlobProblem?
            buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: wanted) { space in
                do throws(BlobProblem) {
                    let space = UnsafeMutableRawBufferPointer(rebasing: space[..<wanted])
                    return try file.read(into: space, at: offset, path: path)
                } catch {
                    problem = error
                    return 0
                }
            }
            if let problem { throw problem }
            guard buffer.readableBytes == wanted else {
                throw BlobProblem(.truncated, "the file is shorter than it was")
            }
            return buffer
        }
    }
}
