// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import Synchronization

/// Counts a connection for as long as it is open.
final class ConnectionCounter: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = NIOAny

    private let metrics: RequestMetrics
    private var isCounted = false

    init(_ metrics: RequestMetrics) { self.metrics = metrics }

    func handlerAdded(context: ChannelHandlerContext) {
        isCounted = true
        metrics.connections.wrappingAdd(1, ordering: .relaxed)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        guard isCounted else { return }
        isCounted = false
        metrics.connections.wrappingSubtract(1, ordering: .relaxed)
    }
}
