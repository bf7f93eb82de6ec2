// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import Digests
internal import FileTree
internal import Foundation
internal import LayerUnpacking
internal import Problems

/// Writes a layer index beside its final place and renames it there when it is complete: its name is the diff id, which
/// is known then.
final class LayerIndexWriter {
    private let temporary: String
    private let file: UnsafeMutablePointer<FILE>
    private let hasher = IncrementalDigest(.sha256)
    private var count: UInt64 = 0
    private var isFinished = false

    init(directory: String) throws {
        temporary = "\(directory)/\(UUID().uuidString).part"
        guard let file = fopen(temporary, "we") else { throw SystemCallProblem("create", temporary) }
        self.file = file
        try write(LayerIndexFormat.magic)
    }

    deinit {
        guard !isFinished else { return }
        fclose(file)
        unlink(temporary)
    }

    func add(_ change: TreeChange) throws {
        let record = LayerIndexFormat.encode(change)
        try write(LayerIndexFormat.number(UInt64(record.count)))
        try write(record)
        count += 1
    }

    /// Completes the file and makes it durable under a name.
    func finish(as path: String) throws {
        try write(LayerIndexFormat.number(0))
        try write(LayerIndexFormat.number(count))
        let digest = hasher.finish()
        guard fwrite(digest, 1, digest.count, file) == digest.count, fflush(file) == 0,
            fsync(fileno(file)) == 0
        else {
            throw SystemCallProblem("write", temporary)
        }
        isFinished = true
        fclose(file)
        guard rename(temporary, path) == 0 else { throw SystemCallProblem("rename to", path) }
    }

    private func write(_ bytes: [UInt8]) throws {
        hasher.update(bytes)
        guard fwrite(bytes, 1, bytes.count, file) == bytes.count else {
            throw SystemCallProblem("write", temporary)
        }
    }
}

/// Reads a layer index from a file, record by record; the digest is checked at the end.
struct LayerIndexReader {
    let path: String

    /// Calls `body` for each change in order.
    ///
    /// - Throws: `badIndex` for a file that is damaged; then what `body` made of it must be thrown away.
    func forEach(_ body: (TreeChange) throws -> Void) throws {
        guard let file = fopen(path, "re") else { throw SystemCallProblem("open", path) }
        defer { fclose(file) }
        let hasher = IncrementalDigest(.sha256)
        func take(_ count: Int) throws -> [UInt8] {
            var bytes = [UInt8](repeating: 0, count: count)
            guard fread(&bytes, 1, count, file) == count else { throw damaged }
            hasher.update(bytes)
            return bytes
        }
        func number() throws -> UInt64 {
            var bytes: [UInt8] = []
            repeat { bytes += try take(1) } while bytes[bytes.count - 1] & 0x80 != 0 && bytes.count < 10
            guard let value = LayerIndexFormat.number(from: bytes) else { throw damaged }
            return value
        }
        guard try take(LayerIndexFormat.magic.count) == LayerIndexFormat.magic else { throw damaged }
        var count: UInt64 = 0
        while case let size = try number(), size > 0 {
            guard size <= LayerIndexFormat.recordLimit,
                let change = LayerIndexFormat.decode(try take(Int(size)))
            else {
                throw damaged
            }
            try body(change)
            count += 1
        }
        guard try number() == count else { throw damaged }
        let digest = hasher.finish()
        guard try take(digest.count) == digest else { throw damaged }
    }

    private var damaged: LayerProblem {
        LayerProblem(.badIndex, "the layer index \(path) is damaged")
    }
}
