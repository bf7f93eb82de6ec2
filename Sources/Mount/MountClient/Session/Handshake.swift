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
        let agreement = try Negotiation.agree(
            to: offer,
            wanting: features(options),
            readAhead: 1 << 20,
            notAbove: options.kernel.newestMinor
        )
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
        var features: Negotiation.Features = []
        for (feature, wire) in wireFeatures where options.kernel.contains(feature) {
            features.formUnion(wire)
        }
        if options.openMode == .passthrough { features.remove(.noOpen) }
        if options.openMode == .none { features.remove(.passthrough) }
        if !options.keepsListings { features.remove(.noOpenDirectory) }
        if options.exportDirectory != nil { features.insert(.export) }
        if options.access.enforcesAccessLists { features.insert(.accessLists) }
        return features
    }

    /// What a switch is called in the protocol.
    static let wireFeatures: [(KernelFeatures, Negotiation.Features)] = [
        (.passthrough, .passthrough), (.noOpen, .noOpen),
        (.readDirectoryPlus, [.readDirectoryPlus, .readDirectoryPlusAuto]),
        (.directoryCache, .noOpenDirectory), (.linkCache, .cachedLinks),
        (.parallelReads, .asynchronousReads), (.parallelDirectories, .parallelDirectories),
        (.largeRequests, .maximumPages),
    ]
}
