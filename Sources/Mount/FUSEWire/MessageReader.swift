// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

/// Reads integers and names out of a request, checking every bound.
///
/// All integers are in the byte order of the machine. The bytes are those of the receive buffer, which the owner of
/// the buffer keeps alive while the request is handled.
struct MessageReader {
    private let bytes: UnsafeRawBufferPointer
    private var position: Int

    init(_ bytes: UnsafeRawBufferPointer, at position: Int = 0) {
        self.bytes = bytes
        self.position = position
    }

    var remaining: Int { bytes.count - position }

    mutating func integer<Value: FixedWidthInteger & BitwiseCopyable>(
        _ type: Value.Type = Value.self
    ) throws(WireProblem) -> Value {
        let size = MemoryLayout<Value>.size
        guard remaining >= size else {
            throw WireProblem(
                code: .truncated,
                message: "a request of \(bytes.count) bytes ends inside a field"
            )
        }
        defer { position += size }
        return bytes.loadUnaligned(fromByteOffset: position, as: type)
    }

    mutating func skip(_ count: Int) throws(WireProblem) {
        guard remaining >= count else {
            throw WireProblem(
                code: .truncated,
                message: "a request of \(bytes.count) bytes ends inside a field"
            )
        }
        position += count
    }

    /// Reads a name that a NUL ends.
    ///
    /// Neither an empty name nor one with a slash comes from a kernel.
    mutating func name() throws(WireProblem) -> UnsafeRawBufferPointer {
        let rest = UnsafeRawBufferPointer(rebasing: bytes[position...])
        guard let end = rest.firstIndex(of: 0) else {
            throw WireProblem(code: .name, message: "a name without an end")
        }
        let name = UnsafeRawBufferPointer(rebasing: rest[..<end])
        guard !name.isEmpty, !name.contains(UInt8(ascii: "/")) else {
            throw WireProblem(code: .name, message: "an empty name, or one with a slash")
        }
        position += end + 1
        return name
    }
}
