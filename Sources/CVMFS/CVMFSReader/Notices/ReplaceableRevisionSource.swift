// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

/// Servers that tell of revisions, which others can take the place of while they are listened to.
package final class ReplaceableRevisionSource: RevisionSource {
    private struct State {
        /// `nil` while there is nobody to listen to.
        var source: (any RevisionSource)?
        var edition = 0
        var isClosed = false
        var tell: (@Sendable () -> Void)?
    }

    private let state: Mutex<State>

    /// Begins with a source; `nil` for one that tells nothing, such as a directory.
    package init(_ source: (any RevisionSource)?) { state = Mutex(State(source: source)) }

    /// Ends what is listened to, and listens to another source from now on.
    package func replace(by source: (any RevisionSource)?) {
        let (gone, tell) = state.withLock { state -> ((any RevisionSource)?, (@Sendable () -> Void)?) in
            guard !state.isClosed else { return (source, nil) }
            let old = state.source
            state.source = source
            state.edition += 1
            return (old, state.tell)
        }
        gone?.close()
        tell?()
    }

    package var servers: [String] { state.withLock { $0.source }?.servers ?? [] }
    package var edition: Int { state.withLock { $0.edition } }

    package func whenReplaced(_ tell: @escaping @Sendable () -> Void) {
        state.withLock { $0.tell = tell }
    }

    package func listen(
        to server: Int,
        after revision: UInt64,
        _ listener: any RevisionListening
    ) -> ListeningEnd {
        guard let source = state.withLock({ $0.source }) else { return .unsupported }
        return source.listen(to: server, after: revision, listener)
    }

    package func close() {
        let source = state.withLock { state in
            state.isClosed = true
            return state.source
        }
        source?.close()
    }
}
