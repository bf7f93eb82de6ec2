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
        try forEachRecord(verifying: true) { record in
            guard let change = LayerIndexFormat.decode(record) else { throw damaged }
            try body(change)
        }
    }

    /// Calls `body` for each change that takes something from lower layers; the digest is not looked at.
    func forEachRemoval(_ body: (TreeChange) throws -> Void) throws {
        try forEachRecord(verifying: false) { record in
            guard LayerIndexFormat.isRemoval(record) else { return }
            guard let change = LayerIndexFormat.decode(record) else { throw damaged }
            try body(change)
        }
    }

    private func forEachRecord(
        verifying: Bool,
        _ body: (UnsafeRawBufferPointer) throws -> Void
    ) throws {
        let window = try FileWindow(path)
        let hasher = IncrementalDigest(.sha256)
        func take(_ count: Int, _ use: (UnsafeRawBufferPointer) throws -> Void = { _ in }) throws {
            guard let bytes = try window.view(count) else { throw damaged }
            if verifying { hasher.update(bytes) }
            try use(bytes)
            window.skip(count)
        }
        func number() throws -> UInt64 {
            let head = try window.view(upTo: 10)
            guard let (value, byteCount) = LayerIndexFormat.number(from: head) else { throw damaged }
            try take(byteCount)
            return value
        }
        try take(LayerIndexFormat.magic.count) {
            guard $0.elementsEqual(LayerIndexFormat.magic) else { throw damaged }
        }
        var count: UInt64 = 0
        while case let size = try number(), size > 0 {
            guard size <= LayerIndexFormat.recordLimit else { throw damaged }
            try take(Int(size), body)
            count += 1
        }
        guard try number() == count else { throw damaged }
        guard verifying else { return }
        let digest = hasher.finish()
        try take(digest.count) { guard $0.elementsEqual(digest) else { throw damaged } }
    }

    private var damaged: LayerProblem {
        LayerProblem(.badIndex, "the layer index \(path) is damaged")
    }
}

/// A part of a file in memory that moves along.
private final class FileWindow {
    private let path: String
    private let descriptor: Int32
    private var buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 16)
    private var start = 0
    private var end = 0

    init(_ path: String) throws {
        self.path = path
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            buffer.deallocate()
            throw SystemCallProblem("open", path)
        }
    }

    deinit {
        if descriptor >= 0 {
            close(descriptor)
            buffer.deallocate()
        }
    }

    /// The next bytes; `nil` if the file has fewer.
    ///
    /// Valid until the next call.
    func view(_ count: Int) throws -> UnsafeRawBufferPointer? {
        let bytes = try view(upTo: count)
        return bytes.count == count ? bytes : nil
    }

    /// The next bytes, fewer at the end of the file.
    ///
    /// Valid until the next call.
    func view(upTo count: Int) throws -> UnsafeRawBufferPointer {
        if end - start < count { try fill(count) }
        return UnsafeRawBufferPointer(rebasing: buffer[start..<(start + min(count, end - start))])
    }

    func skip(_ count: Int) { start += count }

    /// Moves what is left to the front and reads on.
    private func fill(_ count: Int) throws {
        var target = buffer
        if count > buffer.count { target = .allocate(byteCount: count, alignment: 16) }
        target.copyMemory(from: UnsafeRawBufferPointer(rebasing: buffer[start..<end]))
        if count > buffer.count {
            buffer.deallocate()
            buffer = target
        }
        end -= start
        start = 0
        while end < count {
            let part = read(descriptor, buffer.baseAddress.map { $0 + end }, buffer.count - end)
            if part < 0, errno == EINTR { continue }
            guard part >= 0 else { throw SystemCallProblem("read", path) }
            if part == 0 { return }
            end += part
        }
    }
}
