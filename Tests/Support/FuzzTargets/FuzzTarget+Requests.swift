// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import FUSEWire

/// What the kernel writes into the mount's device.
extension FuzzTarget {
    /// Whatever a message says, what is read of it lies inside of it; and INIT is agreed on with what was offered only.
    static func requests(_ bytes: [UInt8]) throws(Finding) {
        // Also as if it had told its length truly, which noise hardly ever does.
        try request(bytes)
        guard bytes.count >= 4 else { return }
        var honest = bytes
        withUnsafeBytes(of: UInt32(truncatingIfNeeded: bytes.count)) {
            honest.replaceSubrange(0..<4, with: $0)
        }
        try request(honest)
    }

    private static func request(_ bytes: [UInt8]) throws(Finding) {
        var finding: Finding?
        bytes.withUnsafeBytes { message in
            guard let request = try? Request(message) else { return }
            finding = fault(of: request, in: message)
        }
        if let finding { throw finding }
    }

    private static func fault(of request: Request, in message: UnsafeRawBufferPointer) -> Finding? {
        switch request.operation {
        case .lookup(let name), .getExtendedAttribute(let name, _):
            guard !name.isEmpty, !name.contains(0), !name.contains(UInt8(ascii: "/")) else {
                return Finding(description: "a name that no kernel sends was taken")
            }
            guard isInside(name, message) else {
                return Finding(description: "a name lies outside of its message")
            }
        case .batchForget(let list):
            var count = 0
            for _ in list { count += 1 }
            guard count * 16 + RequestHeader.byteCount + 8 <= message.count else {
                return Finding(description: "a batch of forgets is longer than its message")
            }
        case .initialise(let offer):
            let wanted: Negotiation.Features = [.noOpen, .passthrough, .export]
            guard let agreement = try? Negotiation.agree(to: offer, wanting: wanted, readAhead: 1 << 20)
            else {
                break
            }
            guard agreement.features.isSubset(of: offer.features.union(.extended)),
                agreement.minor <= offer.minor, agreement.readAhead <= offer.readAhead
            else { return Finding(description: "more is agreed on than the kernel offered") }
        default: break
        }
        return nil
    }

    private static func isInside(_ part: UnsafeRawBufferPointer, _ whole: UnsafeRawBufferPointer) -> Bool {
        guard let start = part.baseAddress, let base = whole.baseAddress else { return false }
        return start >= base && start + part.count <= base + whole.count
    }
}
