// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import FUSEWire
internal import Problems

/// The agreement with the kernel that opens a connection.
enum Handshake {
    /// Answers INIT.
    static func perform(on device: FUSEDevice, _ options: MountOptions) throws -> Negotiation.Agreement {
        let buffer = UnsafeMutableRawBufferPointer.allocate(
            byteCount: FUSEDevice.requestCapacity,
            alignment: 16
        )
        defer { buffer.deallocate() }
        guard let message = try device.receive(into: buffer) else {
            throw MountProblem(.handshakeFailed, "the file system was unmounted before it was ready")
        }
        let request = try Request(message)
        guard case .initialise(let offer) = request.operation else {
            throw MountProblem(.handshakeFailed, "the kernel did not begin with INIT")
        }
        let agreement = try Negotiation.agree(to: offer, wanting: features(options), readAhead: 1 << 20)
        let reply = ReplyBuffer(payloadCapacity: 128)
        reply.begin(unique: request.header.unique)
        reply.append(agreement)
        let code = reply.withMessage { device.send($0) }
        guard code == 0 else {
            throw MountProblem(
                .handshakeFailed,
                "the kernel does not accept the agreement",
                cause: SystemCallProblem("write", "/dev/fuse", errorNumber: code)
            )
        }
        return agreement
    }

    private static func features(_ options: MountOptions) -> Negotiation.Features {
        var features: Negotiation.Features = [
            .asynchronousReads, .noOpen, .parallelDirectories, .maximumPages, .cachedLinks, .noOpenDirectory,
        ]
        if options.allowsReadDirectoryPlus {
            features.formUnion([.readDirectoryPlus, .readDirectoryPlusAuto])
        }
        if options.openMode != .none, options.allowsPassthrough { features.insert(.passthrough) }
        return features
    }
}
