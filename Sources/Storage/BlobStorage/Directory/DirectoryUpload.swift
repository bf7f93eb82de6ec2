// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import Digests
internal import Glibc
internal import NIOCore
internal import Problems
internal import Synchronization

/// An upload as a file that grows.
///
/// The file's length is the truth about how much was received: it survives a kill of the process, and after a crash of
/// the machine the digest at the end tells whether all of it did.
final class DirectoryUpload: BlobUpload {
    private struct State {
        var offset: Int64
        /// Has seen exactly the first `offset` bytes; `nil` if the bytes must be read again at the end.
        var digest: IncrementalDigest?
        var isFinished = false
    }

    private let file: FileDescriptor
    private let path: String
    private let layout: DirectoryLayout
    private let threads: BlockingThreads
    private let calls: FileCalls
    // The lock is never contended: `UploadSessions` lends an upload to one task at a time.
    private let state: Mutex<State>

    init(
        file: FileDescriptor,
        path: String,
        size: Int64,
        layout: DirectoryLayout,
        threads: BlockingThreads,
        calls: FileCalls
    ) {
        self.file = file
        self.path = path
        self.layout = layout
        self.threads = threads
        self.calls = calls
        state = Mutex(State(offset: size, digest: size == 0 ? IncrementalDigest(.sha256) : nil))
    }

    var offset: Int64 { state.withLock { $0.offset } }

    var isFinished: Bool { state.withLock { $0.isFinished } }

    func expect(_ algorithm: DigestAlgorithm) async throws(BlobProblem) {
        // Later than the first byte it is too late: what came has been hashed otherwise.
        state.withLock { state in
            guard state.offset == 0, state.digest?.algorithm != algorithm else { return }
            state.digest = IncrementalDigest(algorithm)
        }
    }

    func append(_ bytes: ByteBuffer) async throws(BlobProblem) {
        try await threads.run { [self] () throws(BlobProblem) in
            try state.withLock { (state) throws(BlobProblem) in
                try write(bytes, &state)
            }
        }
    }

    func truncate(to offset: Int64) async throws(BlobProblem) {
        try await threads.run { [self] () throws(BlobProblem) in
            try state.withLock { (state) throws(BlobProblem) in
                guard offset <= state.offset else {
                    throw BlobProblem(.wrongOffset, "the upload has only \(state.offset) bytes")
                }
                guard offset < state.offset else { return }
                guard ftruncate(file.number, Int(offset)) == 0 else {
                    throw BlobProblem(SystemCallProblem("truncate", path))
                }
                state.offset = offset
                state.digest = offset == 0 ? IncrementalDigest(state.digest?.algorithm ?? .sha256) : nil
            }
        }
    }

    func finish(as digest: OCIDigest) async throws(BlobProblem) -> Int64 {
        try await threads.run { [self] () throws(BlobProblem) in
            try state.withLock { (state) throws(BlobProblem) in
                let found = try contentDigest(digest.algorithm, &state)
                guard found == digest else { throw BlobProblem.mismatch(expected: digest, found: found) }
                try calls.syncFile(file.number, path: path)
                try moveIntoPlace(digest)
                state.isFinished = true
                return state.offset
            }
        }
    }

    // MARK: Blocking parts

    private func write(_ bytes: ByteBuffer, _ state: inout State) throws(BlobProblem) {
        do throws(BlobProblem) {
            var problem: BlobProblem?
            let start = state.offset
            bytes.withUnsafeReadableBytes { raw in
                do throws(BlobProblem) {
                    try calls.writeAll(raw, to: file.number, at: start, path: path)
                } catch {
                    problem = error
                }
            }
            if let problem { throw problem }
        } catch {
            // Half a piece must not count as received. If even this fails, the digest at the end refuses the blob.
            _ = ftruncate(file.number, Int(state.offset))
            throw error
        }
        bytes.withUnsafeReadableBytes { state.digest?.update($0) }
        state.offset += Int64(bytes.readableBytes)
    }

    private func contentDigest(
        _ algorithm: DigestAlgorithm,
        _ state: inout State
    ) throws(BlobProblem) -> OCIDigest {
        if let digest = state.digest, digest.algorithm == algorithm {
            return OCIDigest(algorithm: algorithm, bytes: digest.snapshot())
        }
        let digest = IncrementalDigest(algorithm)
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)
        defer { buffer.deallocate() }
        while digest.byteCount < state.offset {
            let count = try file.read(into: buffer, at: digest.byteCount, path: path)
            guard count > 0 else { throw BlobProblem(.truncated, "the upload's file is shorter than it was") }
            digest.update(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        }
        return OCIDigest(algorithm: algorithm, bytes: digest.finish())
    }

    private func moveIntoPlace(_ digest: OCIDigest) throws(BlobProblem) {
        let shard = layout.shard(digest)
        if try DirectoryLayout.makeDirectory(shard) {
            try calls.syncDirectory(layout.algorithm(digest.algorithm))
        }
        // A blob that is there already is replaced by the same bytes, which were verified just now.
        try calls.move(path, to: layout.blob(digest))
        try calls.syncDirectory(shard)
    }
}
