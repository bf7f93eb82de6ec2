// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CVMFSFormat
internal import Problems
internal import Synchronization

#if canImport(Glibc)
internal import Glibc
#endif

/// The names of all nodes whose numbers were ever handed out, in a file that outlives the mount and the machine.
///
/// The file only grows. It begins with 8 bytes `WHARFND1` and the secret of the numbers; then come records, integers
/// with the lowest byte first:
///
/// | offset | width | meaning |
/// |---|---|---|
/// | 0 | 4 | FNV-1a of what follows |
/// | 4 | 8 | number of the node |
/// | 12 | 8 | number of the directory that it was found in |
/// | 20 | 1 | length of the name |
/// | 21 | n | name |
///
/// A record that a crash cut short is cut off at the next start. Several clients may share the file.
final class HandedOutNodes: Sendable {
    private static let magic = Array("WHARFND1".utf8)
    private static let headerSize = 16
    private static let fixedSize = 21

    private struct State {
        /// Where the record of each number begins.
        var offsets: [UInt64: Int64] = [:]
        /// How far the file was read.
        var end = Int64(HandedOutNodes.headerSize)
        var saidFull = false
    }

    /// Goes into the numbers.
    let secret: UInt64
    private let descriptor: Int32
    private let state: Mutex<State>
    private let report: @Sendable (String) -> Void

    /// Opens or makes the file.
    ///
    /// - Throws: `option` if it cannot be used, or is another file.
    init(path: String, report: @escaping @Sendable (String) -> Void) throws(MountProblem) {
        descriptor = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        self.report = report
        guard descriptor >= 0, flock(descriptor, LOCK_EX) == 0 else {
            throw MountProblem(
                .option,
                "the record of exported nodes cannot be used",
                cause: SystemCallProblem("open", path)
            )
        }
        var header = [UInt8](repeating: 0, count: Self.headerSize)
        if pread(descriptor, &header, header.count, 0) < header.count {
            // New, or made by somebody who ended at once.
            header = Self.magic + UInt64.random(in: 0 ... .max).littleEndianBytes
            _ = ftruncate(descriptor, 0)
            _ = write(descriptor, header, header.count)
        }
        guard header.starts(with: Self.magic) else {
            flock(descriptor, LOCK_UN)
            close(descriptor)
            throw MountProblem(.option, "\(path) is no record of exported nodes", remedy: "remove the file")
        }
        secret = Self.integer(header[8..<16])
        var state = State()
        Self.scan(descriptor, &state)
        // Under the lock nobody writes, so what follows the last good record is what a crash left.
        _ = ftruncate(descriptor, off_t(state.end))
        flock(descriptor, LOCK_UN)
        self.state = Mutex(state)
    }

    deinit { close(descriptor) }

    /// How many numbers are known.
    var count: Int { state.withLock { $0.offsets.count } }

    /// Writes down where a node was found, unless that is known.
    ///
    /// If there is no room for it the node is as good as others until the kernel forgets it.
    func record(_ number: UInt64, _ name: [UInt8], in directory: UInt64) {
        guard number != NodeNumbers.root, name.count <= 255 else { return }
        state.withLock { state in
            guard state.offsets[number] == nil else { return }
            let body =
                number.littleEndianBytes + directory.littleEndianBytes + [UInt8(name.count)] + name
            let record = Self.checksum(body[...]) + body
            flock(descriptor, LOCK_EX)
            defer { flock(descriptor, LOCK_UN) }
            let count = write(descriptor, record, record.count)
            let end = lseek(descriptor, 0, SEEK_CUR)
            if count == record.count {
                state.offsets[number] = Int64(end) - Int64(count)
                return
            }
            // Not a part of a record may stay before those that follow.
            if count > 0 { _ = ftruncate(descriptor, end - off_t(count)) }
            if !state.saidFull {
                report("exported nodes cannot be recorded: \(String(cString: strerror(errno)))")
            }
            state.saidFull = true
        }
    }

    /// The names that lead from the root to a node; `nil` if its number was never handed out.
    func path(of number: UInt64) -> [[UInt8]]? {
        state.withLock { state in
            if state.offsets[number] == nil { Self.scan(descriptor, &state) }
            var (names, above) = ([[UInt8]](), number)
            while above != NodeNumbers.root {
                // The kernel has no longer paths, and a circle has no end.
                guard names.count < 4096, let offset = state.offsets[above],
                    let record = Self.read(descriptor, at: offset)
                else { return nil }
                names.append(record.name)
                above = record.directory
            }
            return names.reversed()
        }
    }

    private struct Record {
        let number: UInt64
        let directory: UInt64
        let name: [UInt8]
        let size: Int64
    }

    /// Reads on from where reading ended, up to the first record that is not whole.
    private static func scan(_ descriptor: Int32, _ state: inout State) {
        while let record = read(descriptor, at: state.end) {
            state.offsets[record.number] = state.end
            state.end += record.size
        }
    }

    private static func read(_ descriptor: Int32, at offset: Int64) -> Record? {
        var bytes = [UInt8](repeating: 0, count: fixedSize + 255)
        let count = pread(descriptor, &bytes, bytes.count, off_t(offset))
        guard count >= fixedSize, count >= fixedSize + Int(bytes[20]) else { return nil }
        let size = fixedSize + Int(bytes[20])
        guard checksum(bytes[4..<size]) == Array(bytes[..<4]) else { return nil }
        return Record(
            number: integer(bytes[4..<12]),
            directory: integer(bytes[12..<20]),
            name: Array(bytes[fixedSize..<size]),
            size: Int64(size)
        )
    }

    private static func integer(_ bytes: ArraySlice<UInt8>) -> UInt64 {
        bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// - Source: G. Fowler, L. C. Noll, K.-P. Vo, "The FNV Non-Cryptographic Hash Algorithm", FNV-1a, 32 bits.
    private static func checksum(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        let sum = bytes.reduce(UInt32(0x811c_9dc5)) { ($0 ^ UInt32($1)) &* 0x0100_0193 }
        return Array(UInt64(sum).littleEndianBytes[..<4])
    }
}

extension UInt64 {
    /// The eight bytes, lowest first.
    fileprivate var littleEndianBytes: [UInt8] { (0..<8).map { UInt8(truncatingIfNeeded: self >> ($0 * 8)) } }
}
