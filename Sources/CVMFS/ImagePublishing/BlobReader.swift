// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

package import BlobStorage
package import Digests
internal import Foundation
internal import NIOCore
internal import Problems

/// Reads blobs from a thread that may block.
package struct BlobReader: Sendable {
    private let storage: any BlobStorage

    package init(storage: any BlobStorage) { self.storage = storage }

    /// Opens a blob as a stream: a function that fills a buffer and returns the number of bytes, 0 at the end.
    ///
    /// - Throws: `blobMissing`, or `wrongSize` if the blob has not the size that the manifest states.
    package func open(
        _ digest: OCIDigest,
        size: Int64
    ) throws -> (UnsafeMutableRawBufferPointer) throws -> Int {
        guard let content = try Self.wait({ try await storage.open(digest) }) else {
            throw ImageProblem(
                .blobMissing,
                "the blob \(digest) is not in the registry",
                remedy: "push the image again"
            )
        }
        guard content.size == size else {
            throw ImageProblem(
                .wrongSize,
                "the blob \(digest) has \(content.size) bytes, but the manifest says \(size)",
                remedy: "build and push the image again"
            )
        }
        var offset: Int64 = 0
        return { buffer in
            let count = try Self.read(content, at: offset, into: buffer)
            offset += Int64(count)
            return count
        }
    }

    /// Reads a small blob whole and checks its digest.
    package func read(_ digest: OCIDigest, size: Int64, limit: Int64) throws -> [UInt8] {
        guard size <= limit else {
            throw ImageProblem(.configTooLarge, "the config \(digest) has \(size) bytes, more than \(limit)")
        }
        let stream = try open(digest, size: size)
        var bytes = [UInt8](repeating: 0, count: Int(size))
        var filled = 0
        try bytes.withUnsafeMutableBytes { buffer in
            while filled < buffer.count {
                let count = try stream(UnsafeMutableRawBufferPointer(rebasing: buffer[filled...]))
                guard count > 0 else { break }
                filled += count
            }
        }
        guard OCIDigest(digest.algorithm, of: bytes) == digest else {
            throw ImageProblem(.blobMissing, "the blob \(digest) is damaged in the registry's storage")
        }
        return bytes
    }

    private static func read(
        _ content: any BlobContent,
        at offset: Int64,
        into buffer: UnsafeMutableRawBufferPointer
    ) throws -> Int {
        if let descriptor = content.fileDescriptor {
            while true {
                let count = pread(descriptor, buffer.baseAddress, buffer.count, off_t(offset))
                if count < 0, errno == EINTR { continue }
                guard count >= 0 else { throw SystemCallProblem("read", "a blob") }
                return count
            }
        }
        let count = buffer.count
        let bytes = try wait { try await content.read(at: offset, count: count) }
        bytes.withUnsafeReadableBytes { buffer.copyMemory(from: $0) }
        return bytes.readableBytes
    }

    /// Waits for a task's result on a thread of our own, never on the cooperative pool.
    private static func wait<Value: Sendable>(_ body: @escaping @Sendable () async throws -> Value) throws
        -> Value
    {
        let done = DispatchSemaphore(value: 0)
        let box = Box<Value>()
        Task {
            do { box.result = .success(try await body()) } catch { box.result = .failure(error) }
            done.signal()
        }
        done.wait()
        guard let result = box.result else {
            throw ImageProblem(.blobMissing, "reading from the blob storage ended without a result")
        }
        return try result.get()
    }

    /// Written before the semaphore is raised and read after it was waited for, so never at once.
    private final class Box<Value>: @unchecked Sendable {
        var result: Result<Value, any Error>?
    }
}
