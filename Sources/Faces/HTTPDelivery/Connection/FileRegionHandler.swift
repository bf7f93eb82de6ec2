// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import NIOCore
internal import NIOHTTP1

/// Writes the body of marked responses from a file by `sendfile(2)`.
final class FileRegionHandler: ChannelOutboundHandler, RemovableChannelHandler {
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    /// Holds a ticket's number between a face and this handler; never seen by a client.
    static let header = "x-wharf-file-region"

    // Those whose response does not come leave with the connection.
    private var kept: [UInt64: FileRegionTicket] = [:]
    private var current: FileRegionTicket?

    /// Keeps a ticket until the response with its number passes.
    func keep(_ ticket: FileRegionTicket) { kept[ticket.number] = ticket }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch unwrapOutboundIn(data) {
        case .head(var head):
            guard let number = head.headers.first(name: Self.header) else { break }
            head.headers.remove(name: Self.header)
            current = UInt64(number).flatMap { kept.removeValue(forKey: $0) }
            context.write(wrapOutboundOut(.head(head)), promise: promise)
            return
        case .end:
            guard let ticket = current else { break }
            current = nil
            writeFile(ticket, context: context)
        case .body:
            break
        }
        context.write(data, promise: promise)
    }

    private func writeFile(_ ticket: FileRegionTicket, context: ChannelHandlerContext) {
        // The region owns its descriptor, the ticket that of the blob; so the region gets one of its own.
        let descriptor = fcntl(ticket.descriptor, F_DUPFD_CLOEXEC, 0)
        guard descriptor >= 0 else { return context.close(promise: nil) }
        let handle = NIOFileHandle(_deprecatedTakingOwnershipOfDescriptor: descriptor)
        let region = FileRegion(
            fileHandle: handle,
            readerIndex: Int(ticket.range.lowerBound),
            endIndex: Int(ticket.range.upperBound)
        )
        let done = context.eventLoop.makePromise(of: Void.self)
        done.futureResult.whenComplete { _ in
            // Closing can only fail for a descriptor that is closed already, which the handle excludes.
            try? handle.close()
        }
        context.write(wrapOutboundOut(.body(.fileRegion(region))), promise: done)
    }
}
