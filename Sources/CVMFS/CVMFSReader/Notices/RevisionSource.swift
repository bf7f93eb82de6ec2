// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

/// Hears of new revisions without asking for them again and again.
///
/// What it delivers is a claim of a server, to be verified like any manifest.
package protocol RevisionSource: Sendable {
    /// The servers that may know of revisions; they are told apart by their position.
    var servers: [String] { get }
    /// Grows when the servers are others.
    var edition: Int { get }

    /// Listens to one server, until the connection ends or `close` is called.
    ///
    /// Blocks the calling thread.
    ///
    /// - Parameters:
    ///   - server: the position of the server.
    ///   - revision: what is known already.
    ///   - listener: takes what is heard, on the calling thread.
    /// - Returns: why it ended.
    func listen(to server: Int, after revision: UInt64, _ listener: any RevisionListening) -> ListeningEnd

    /// Ends what runs, and all that would follow.
    func close()
    /// Calls `tell` after each change of the servers, on the thread that made it.
    func whenReplaced(_ tell: @escaping @Sendable () -> Void)
}

extension RevisionSource {
    /// Most servers stay what they are.
    package var edition: Int { 0 }
    /// There is nothing to tell of.
    package func whenReplaced(_: @escaping @Sendable () -> Void) {}
}

/// Takes what a `RevisionSource` hears.
package protocol RevisionListening: AnyObject {
    /// The server keeps the connection, and will tell.
    func isListening()
    /// A signed manifest came; returns whether it was news.
    ///
    /// Throws `RefusedNotice` if it is not what it claims to be, and another error if that cannot be told now.
    func heard(_ letter: [UInt8]) throws -> Bool
}

/// A server told something that is not true, or was true once.
package struct RefusedNotice: Error {
    /// What is wrong.
    package enum Fault: Sendable, Equatable {
        /// The manifest is genuine, and older than what is known. A cache may have kept it.
        case older
        case untrue(String)
    }

    package let fault: Fault

    /// Says it.
    package init(_ fault: Fault) { self.fault = fault }
}

/// Why listening to a server ended.
package enum ListeningEnd: Sendable, Equatable {
    /// After a while of keeping its promise; the server may have said how long to stay away.
    case over(retry: Duration?)
    /// Nothing was heard because there was nothing to tell, or it had been heard before.
    case nothingNew
    /// The server could not be reached, or gave up at once.
    case unreachable
    /// The server has no place for another listener.
    case busy
    /// The server knows no such thing.
    case unsupported
    /// What the server told is not true, or makes no sense: in what way.
    case refused(String)
}
