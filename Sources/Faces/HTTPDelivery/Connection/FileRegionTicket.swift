// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import BlobStorage
internal import NIOCore
internal import Synchronization

/// A part of an open file that the kernel shall send as the body of a response.
///
/// It keeps the file open.
///
/// A response can carry only buffers, so it carries the number of a ticket in a private header instead, which the
/// `FileRegionHandler` of its connection exchanges for the file.
final class FileRegionTicket: Sendable {
    let number: UInt64
    let content: any BlobContent
    let descriptor: Int32
    let range: Range<Int64>

    private static let lastNumber = Atomic<UInt64>(0)

    /// `nil` if the content is not a plain file.
    init?(_ content: any BlobContent, range: Range<Int64>) {
        guard let descriptor = content.fileDescriptor else { return nil }
        number = Self.lastNumber.wrappingAdd(1, ordering: .relaxed).newValue
        self.content = content
        self.descriptor = descriptor
        self.range = range
    }

    /// Leaves the ticket with a connection; `false` if that cannot send files, as under TLS or in a test without socket.
    func leave(with channel: any Channel) async -> Bool {
        let deposit = channel.eventLoop.submit {
            guard let handler = try? channel.pipeline.syncOperations.handler(type: FileRegionHandler.self)
            else {
                return false
            }
            handler.keep(self)
            return true
        }
        // The event loop refuses only when it is shut down, and then nothing is sent at all.
        return (try? await deposit.get()) ?? false
    }
}
