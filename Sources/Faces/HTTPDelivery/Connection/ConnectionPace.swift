// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import Glibc
package import NIOCore

/// How long a client may take, and how much is read of a body that nobody wants.
package struct ConnectionPace: Sendable {
    /// For the request line and the headers, from their first byte on.
    package var headerTimeout: TimeAmount
    /// Within this time at least `floorInBytes` of a body must come, and some of an answer must be taken.
    package var idleTimeout: TimeAmount
    /// For what is running when the server is told to end.
    package var shutdownTimeout: TimeAmount

    /// Below 1 KiB/s no layer ever arrives, whatever the link; it is a client that only holds on to the server.
    package var floorInBytes: Int64 { max(1, idleTimeout.nanoseconds / 1_000_000_000) << 10 }

    /// What is still read after an answer that came before the end of the body, so that the client sees the answer: a
    /// connection that is closed with unread bytes is reset, and the answer is lost with it.
    package static let drainLimitInBytes: Int64 = 1 << 20
    /// How long.
    package static let drainTime = TimeAmount.seconds(1)

    /// Joins the times.
    package init(headerTimeout: TimeAmount, idleTimeout: TimeAmount, shutdownTimeout: TimeAmount) {
        self.headerTimeout = headerTimeout
        self.idleTimeout = idleTimeout
        self.shutdownTimeout = shutdownTimeout
    }

    /// Lets the kernel end a connection whose client has taken nothing for the idle time, be it gone or stubborn.
    package func limitUnreadTime(of channel: any Channel) {
        let milliseconds = Int(idleTimeout.nanoseconds / 1_000_000)
        // Where the option cannot be set the connection lacks a socket, and with it a client that could be slow.
        channel.setOption(.tcpOption(.init(rawValue: TCP_USER_TIMEOUT)), value: milliseconds).whenFailure {
            _ in
        }
    }
}
