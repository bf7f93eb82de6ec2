// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CVMFSReader
internal import FUSEWire
internal import Problems

#if canImport(Glibc)
internal import Glibc
#endif

/// Reads requests from one channel and answers at once what needs no network; the rest goes to the slow lane, so that
/// a dead server never keeps anyone from what is on this machine.
struct RequestLoop: Sendable {
    let device: FUSEDevice
    let state: MountState
    let slowLane: SlowLane

    /// Serves the channel until the file system is unmounted.
    func run() {
        let buffer = UnsafeMutableRawBufferPointer.allocate(
            byteCount: FUSEDevice.requestCapacity,
            alignment: 16
        )
        defer { buffer.deallocate() }
        let handler = RequestHandler(state, policy: .localOnly)
        do {
            while let message = try device.receive(into: buffer) { serve(message, handler) }
        } catch {
            state.report("the connection to the kernel is lost: \(error)")
        }
    }

    private func serve(_ message: UnsafeRawBufferPointer, _ handler: RequestHandler) {
        let arrival = handler.latencies == nil ? nil : ContinuousClock.now
        do {
            let request = try Request(message)
            switch handler.handle(request) {
            case .answer:
                _ = handler.reply.withMessage { device.send($0) }
                handler.sent(request)
                if let arrival { handler.latencies?.note(RequestKind(request.operation), since: arrival) }
            case .nothing:
                if let arrival { handler.latencies?.note(RequestKind(request.operation), since: arrival) }
            case .needsFetch:
                let isLarge = handler.mayTakeLong(request)
                slowLane.add(
                    SlowLane.Job(device: device, message: Array(message), isLarge: isLarge, arrival: arrival)
                )
            }
        } catch {
            state.report("a request cannot be understood: \(error)")
            // Without a header there is nobody to answer.
            guard let header = try? RequestHeader(message) else { return }
            handler.reply.begin(unique: header.unique)
            handler.reply.fail(EIO)
            _ = handler.reply.withMessage { device.send($0) }
        }
    }
}
