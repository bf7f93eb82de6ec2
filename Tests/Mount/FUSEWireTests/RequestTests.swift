// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

import FUSEWire
import Testing

/// Makes requests as the kernel does.
enum KernelMessage {
    static func bytes(_ opcode: UInt32, _ body: [UInt8], node: UInt64 = 1, length: Int? = nil) -> [UInt8] {
        var bytes: [UInt8] = []
        func add<Value: FixedWidthInteger>(_ value: Value) { withUnsafeBytes(of: value) { bytes += $0 } }
        add(UInt32(length ?? 40 + body.count))
        add(opcode)
        add(UInt64(77))
        add(node)
        for _ in 0..<4 { add(UInt32(0)) }
        return bytes + body
    }

    static func words(_ values: UInt32...) -> [UInt8] {
        values.flatMap { value in withUnsafeBytes(of: value) { Array($0) } }
    }
}

@Suite("requests")
struct RequestTests {
    private func decode(_ bytes: [UInt8]) throws -> Operation {
        try bytes.withUnsafeBytes { try Request($0).operation }
    }

    @Test("a look-up carries its name")
    func lookup() throws {
        let message = KernelMessage.bytes(1, Array("name\0".utf8), node: 5)
        try message.withUnsafeBytes { bytes in
            let request = try Request(bytes)
            #expect(request.header.unique == 77 && request.header.node == 5)
            guard case .lookup(let name) = request.operation else { throw WireMismatch() }
            #expect(Array(name) == Array("name".utf8))
        }
    }

    struct WireMismatch: Error {}

    @Test(
        "names without an end, empty names and names with a slash are refused",
        arguments: ["abc", "\0", "a/b\0"]
    )
    func malformedNames(name: String) {
        #expect(throws: WireProblem.self) { try decode(KernelMessage.bytes(1, Array(name.utf8))) }
    }

    @Test("a message that lies about its length is refused", arguments: [0, 39, 41, 4096])
    func wrongLength(length: Int) {
        #expect(throws: WireProblem.self) { try decode(KernelMessage.bytes(17, [], length: length)) }
    }

    @Test("a read carries handle, offset and size")
    func read() throws {
        let body = KernelMessage.words(1, 0, 4096, 0, 131_072, 0, 0, 0, 0, 0)
        guard case .read(let arguments) = try decode(KernelMessage.bytes(15, body)) else {
            throw WireMismatch()
        }
        #expect(arguments.handle == 1 && arguments.offset == 4096 && arguments.size == 131_072)
    }

    @Test("a batch of forgets is walked, one that is cut short is refused")
    func forgets() throws {
        let pair = KernelMessage.words(7, 0, 2, 0)
        let message = KernelMessage.bytes(42, KernelMessage.words(2, 0) + pair + pair)
        try message.withUnsafeBytes { bytes in
            guard case .batchForget(let list) = try Request(bytes).operation else { throw WireMismatch() }
            #expect(list.map(\.node) == [7, 7] && list.map(\.count) == [2, 2])
        }
        #expect(throws: WireProblem.self) {
            try decode(KernelMessage.bytes(42, KernelMessage.words(3, 0) + pair))
        }
        #expect(throws: WireProblem.self) {
            try decode(KernelMessage.bytes(42, KernelMessage.words(.max, 0) + pair))
        }
    }

    @Test(
        "requests that would change something are known as such",
        arguments: [4, 6, 8, 9, 10, 11, 12, 13, 16, 21, 24, 35, 43, 45, 47]
    )
    func modifications(opcode: UInt32) throws {
        guard case .modification = try decode(KernelMessage.bytes(opcode, [])) else { throw WireMismatch() }
    }

    @Test("unknown opcodes are unsupported, not malformed")
    func unknownOpcodes() throws {
        for opcode in [UInt32(0), 7, 19, 52, 4096, .max] {
            guard case .unsupported = try decode(KernelMessage.bytes(opcode, [])) else {
                throw WireMismatch()
            }
        }
    }

    @Test("no message of any opcode and length makes the decoder trap")
    func randomMessages() {
        var generator = SystemRandomNumberGenerator()
        for opcode in UInt32(0)...60 {
            for length in 0..<64 {
                let body = (0..<length).map { _ in UInt8.random(in: 0...255, using: &generator) }
                // What the decoder says does not matter here, only that it comes back.
                _ = try? decode(KernelMessage.bytes(opcode, body))
                _ = try? decode(body)
            }
        }
    }
}

@Suite("negotiation")
struct NegotiationTests {
    func offer(_ major: UInt32, _ minor: UInt32, _ features: UInt64) throws -> Negotiation.Offer {
        let low = UInt32(truncatingIfNeeded: features)
        let body = KernelMessage.words(major, minor, 131_072, low, UInt32(truncatingIfNeeded: features >> 32))
        let message = KernelMessage.bytes(26, body)
        return try message.withUnsafeBytes { bytes in
            guard case .initialise(let offer) = try Request(bytes).operation else {
                throw RequestTests.WireMismatch()
            }
            return offer
        }
    }

    @Test("only what both sides have is agreed on")
    func intersection() throws {
        let both = Negotiation.Features.extended.rawValue | Negotiation.Features.passthrough.rawValue
        let agreement = try Negotiation.agree(
            to: offer(7, 99, both),
            wanting: [.passthrough, .noOpen],
            readAhead: 1 << 20
        )
        #expect(agreement.features == [.extended, .passthrough])
        #expect(agreement.minor == Negotiation.newestMinor)
        #expect(agreement.readAhead == 131_072)
        #expect(agreement.hasEpochs)
    }

    @Test("the second word of features counts only if the first says so")
    func secondWord() throws {
        #expect(try offer(7, 40, Negotiation.Features.passthrough.rawValue).features.isEmpty)
    }

    @Test(
        "kernels that are too old or of another major version are refused",
        arguments: [(7, 26), (6, 45), (8, 0)]
    )
    func oldKernels(major: UInt32, minor: UInt32) {
        #expect(throws: WireProblem.self) {
            try Negotiation.agree(to: offer(major, minor, 0), wanting: [], readAhead: 0)
        }
    }

    @Test("a limit for the version is kept")
    func limitedVersion() throws {
        let agreement = try Negotiation.agree(
            to: offer(7, 45, 0),
            wanting: [],
            readAhead: 0,
            notAbove: 27
        )
        #expect(agreement.minor == 27 && !agreement.hasEpochs && !agreement.canForgetOnRequest)
    }

    @Test("every minor version from 27 on is served at that version", arguments: UInt32(27)...45)
    func versions(minor: UInt32) throws {
        #expect(try Negotiation.agree(to: offer(7, minor, 0), wanting: [], readAhead: 0).minor == minor)
    }
}

@Suite("replies")
struct ReplyTests {
    @Test("the parts of a reply have the sizes that the kernel expects")
    func sizes() throws {
        let reply = ReplyBuffer(payloadCapacity: 4096)
        let attributes = NodeAttributes(
            inode: 1,
            size: 2,
            modifiedSeconds: -3,
            modifiedNanoseconds: 4,
            mode: 0o40755,
            links: 1,
            user: 5,
            group: 6,
            device: 0
        )
        reply.begin(unique: 1)
        reply.append(attributes)
        #expect(reply.payloadCount == 88)
        reply.begin(unique: 1)
        reply.append(attributes, validity: .seconds(1))
        #expect(reply.payloadCount == 104)
        reply.begin(unique: 1)
        reply.append(
            NodeEntry(
                node: 9,
                attributes: attributes,
                nameValidity: .milliseconds(900),
                attributeValidity: .zero
            )
        )
        #expect(reply.payloadCount == 128)
        reply.begin(unique: 1)
        reply.append(try Negotiation.agree(to: NegotiationTests().offer(7, 45, 0), wanting: [], readAhead: 0))
        #expect(reply.payloadCount == 64)
        reply.begin(unique: 1)
        reply.appendOpen(handle: 1, flags: .passthrough, backing: 3)
        #expect(reply.payloadCount == 16)
        reply.begin(unique: 1)
        reply.appendStatus(blocks: 1, free: 1, files: 1, freeFiles: 0, blockSize: 4096)
        #expect(reply.payloadCount == 80)
    }

    @Test("names are padded to eight bytes, and one that does not fit leaves nothing behind")
    func names() {
        let reply = ReplyBuffer(payloadCapacity: 4096)
        reply.begin(unique: 1)
        let fits = Array("abc".utf8).withUnsafeBytes {
            reply.appendName($0, inode: 1, type: 0o100644, next: 3, limit: 40)
        }
        #expect(fits && reply.payloadCount == 32)
        let more = Array("d".utf8).withUnsafeBytes {
            reply.appendName($0, inode: 1, type: 0o100644, next: 4, limit: 40)
        }
        #expect(!more && reply.payloadCount == 32)
    }

    @Test("a request to forget nodes is their count and their numbers")
    func forgetUnused() {
        let reply = ReplyBuffer(payloadCapacity: 64)
        reply.begin(.forgetUnused([7, 1 << 32 | 2]))
        let message = reply.withMessage { Array($0) }
        let words = message.withUnsafeBytes { bytes in
            (0..<6).map { bytes.loadUnaligned(fromByteOffset: 8 * $0, as: UInt64.self) }
        }
        // Length and code, no request that it answers, count, spare, numbers.
        #expect(words == [9 << 32 | 48, 0, 2, 0, 7, 1 << 32 | 2])
    }

    @Test("an error drops the payload")
    func errors() {
        let reply = ReplyBuffer(payloadCapacity: 64)
        reply.begin(unique: 1)
        reply.append(UInt64(1))
        reply.fail(5)
        let message = reply.withMessage { Array($0) }
        #expect(message.count == 16 && message[0] == 16)
        #expect(message[4..<8].elementsEqual(withUnsafeBytes(of: Int32(-5)) { Array($0) }))
    }
}
