// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import NIOHTTP1

/// Tells a client that went away, or sent no HTTP any more, from a fault of the server.
package enum BrokenBody {
    /// Whether reading the body failed with this error because of the client.
    package static func isMeant(by error: any Error) -> Bool {
        error is HTTPParserError || error is ChannelError || error is IOError || error is CancellationError
    }
}
