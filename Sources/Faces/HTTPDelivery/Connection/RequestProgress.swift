// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

/// Where one connection, or one stream of HTTP/2, stands between its requests and their answers.
///
/// It decides; `RequestGuard` acts. One request is looked at at a time: whoever sends the next one before the answer to the
/// last one waits for it anyway.
package struct RequestProgress {
    /// The request.
    private enum Phase {
        /// Nothing of the next request has come.
        case quiet
        /// Some of the next request's head has come.
        case head
        /// The head has come; `rest` is what the length says of the body, `nil` if it says nothing.
        case body(rest: Int64?)
        case complete
    }

    /// The answer.
    private enum Answer {
        case none
        case begun
        case ended
    }

    /// What to do about an event.
    package enum Action: Equatable, Sendable {
        case nothing
        /// Close unless the head is there in time.
        case startHeadTimer
        /// Close unless the rest of the body is there in time.
        case startDrainTimer
        case close
    }

    private var phase = Phase.quiet
    private var answer = Answer.none
    /// Whether the client waits to be told to send its body.
    package private(set) var awaitsContinue = false
    private var mustClose = false
    private var drained: Int64 = 0
    /// What came of the body since the last look at the clock.
    private var recent: Int64 = 0
    /// Pieces of the answer that wait for the client to take them, and whether it has taken one since the last look.
    private var waiting = 0
    private var hasTaken = false

    /// Before the first request.
    package init() {}

    /// Whether a body is coming that somebody still wants.
    package var isReceiving: Bool {
        if case .body = phase, answer == .none { true } else { false }
    }

    /// Whether nothing has been answered to a head that is not there yet.
    package var isBetweenRequests: Bool {
        switch phase {
        case .quiet, .head: true
        case .body, .complete: false
        }
    }

    /// Bytes have come that made no part of a request yet.
    package mutating func gotBytes() -> Action {
        guard case .quiet = phase else { return .nothing }
        phase = .head
        return .startHeadTimer
    }

    /// A head has come, and its body begins.
    package mutating func gotHead(lengthInBytes: Int64?, expectsContinue: Bool) {
        phase = .body(rest: lengthInBytes)
        answer = .none
        awaitsContinue = expectsContinue
        (mustClose, drained, recent) = (false, 0, 0)
    }

    /// Some of the body has come.
    package mutating func gotBody(_ count: Int64) -> Action {
        recent += count
        if case .body(let rest?) = phase { phase = .body(rest: rest - count) }
        guard answer == .ended else { return .nothing }
        drained += count
        return drained > ConnectionPace.drainLimitInBytes ? .close : .nothing
    }

    /// The body has come to its end.
    package mutating func gotEnd() -> Action {
        switch answer {
        case .none, .begun:
            phase = .complete
            return .nothing
        case .ended:
            phase = .quiet
            return mustClose ? .close : .nothing
        }
    }

    /// The client was told to go on.
    package mutating func sentContinue() { awaitsContinue = false }

    /// Whether the connection cannot be used again after the answer that begins now.
    ///
    /// That is so if the client does not know whether to send its body, or has more to send than will be read.
    package mutating func beginAnswer() -> Bool {
        answer = .begun
        guard case .body(let rest) = phase else { return false }
        mustClose = awaitsContinue || (rest ?? .max) > ConnectionPace.drainLimitInBytes
        return mustClose
    }

    /// The answer is out; nothing happens if the next request has come before that was known.
    package mutating func endAnswer() -> Action {
        guard answer == .begun else { return .nothing }
        answer = .ended
        switch phase {
        case .complete:
            phase = .quiet
            return .nothing
        case .body: return .startDrainTimer
        case .quiet, .head: return .nothing
        }
    }

    /// A span of time has passed; whether less than `floor` bytes of a wanted body came in it.
    package mutating func isTooSlow(floor: Int64) -> Bool {
        defer { recent = 0 }
        return isReceiving && !awaitsContinue && recent < floor
    }

    /// A piece of the answer is on its way.
    package mutating func sendBody() { waiting += 1 }

    /// The client has taken a piece.
    package mutating func sentBody() {
        waiting -= 1
        hasTaken = true
    }

    /// A span of time has passed; whether pieces of the answer waited through all of it.
    package mutating func isStuck() -> Bool {
        defer { hasTaken = waiting == 0 }
        return waiting > 0 && !hasTaken
    }
}
