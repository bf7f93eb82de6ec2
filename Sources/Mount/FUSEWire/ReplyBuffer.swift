// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

/// Builds one reply at a time in memory that is allocated once.
///
/// A reply is the header (length, negated errno, unique; 16 bytes) and a payload. Belongs to one thread.
package final class ReplyBuffer {
    /// The size of a reply's header.
    package static let headerByteCount = 16

    private let memory: UnsafeMutableRawBufferPointer
    private var count = ReplyBuffer.headerByteCount

    /// Allocates room for payloads of up to `payloadCapacity` bytes.
    package init(payloadCapacity: Int) {
        memory = .allocate(byteCount: payloadCapacity + Self.headerByteCount, alignment: 4096)
    }

    deinit { memory.deallocate() }

    /// How many more bytes fit.
    package var space: Int { memory.count - count }
    /// How many bytes the payload has.
    package var payloadCount: Int { count - Self.headerByteCount }

    /// Starts the successful reply to a request.
    package func begin(unique: UInt64) {
        count = Self.headerByteCount
        memory.storeBytes(of: 0, toByteOffset: 4, as: Int32.self)
        memory.storeBytes(of: unique, toByteOffset: 8, as: UInt64.self)
    }

    /// Makes the reply an error and drops the payload.
    package func fail(_ errorNumber: Int32) {
        count = Self.headerByteCount
        memory.storeBytes(of: -errorNumber, toByteOffset: 4, as: Int32.self)
    }

    /// Starts a message that answers no request: a notification.
    package func beginNotification(_ code: Int32) {
        count = Self.headerByteCount
        memory.storeBytes(of: code, toByteOffset: 4, as: Int32.self)
        memory.storeBytes(of: 0, toByteOffset: 8, as: UInt64.self)
    }

    /// Appends an integer in the machine's byte order.
    package func append<Value: FixedWidthInteger & BitwiseCopyable>(_ value: Value) {
        precondition(space >= MemoryLayout<Value>.size, "a reply outgrew its buffer")
        memory.storeBytes(of: value, toByteOffset: count, as: Value.self)
        count += MemoryLayout<Value>.size
    }

    /// Appends bytes.
    package func append(_ bytes: UnsafeRawBufferPointer) {
        precondition(space >= bytes.count, "a reply outgrew its buffer")
        UnsafeMutableRawBufferPointer(rebasing: memory[count...]).copyMemory(from: bytes)
        count += bytes.count
    }

    /// Appends zeros.
    package func appendZeros(_ number: Int) {
        precondition(space >= number, "a reply outgrew its buffer")
        for position in count..<(count + number) { memory[position] = 0 }
        count += number
    }

    /// The free space, at most `limit` bytes of it, to be filled in place.
    ///
    /// Valid until the next call.
    package func unused(upTo limit: Int) -> UnsafeMutableRawBufferPointer {
        UnsafeMutableRawBufferPointer(rebasing: memory[count..<(count + min(limit, space))])
    }

    /// Makes the first bytes of the free space, which were filled in place, part of the reply.
    package func use(_ number: Int) {
        precondition(number >= 0 && number <= space, "a reply outgrew its buffer")
        count += number
    }

    /// Lends the whole message, with its length filled in.
    package func withMessage<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        memory.storeBytes(of: UInt32(truncatingIfNeeded: count), toByteOffset: 0, as: UInt32.self)
        return body(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(memory)[..<count]))
    }
}
