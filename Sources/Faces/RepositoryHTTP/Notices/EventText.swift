// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import Foundation
internal import HTTPDelivery

/// Revisions as server-sent events.
///
/// ```
/// retry: 2417\n
/// \n
/// id: 42\n
/// event: revision\n
/// data: <the signed manifest in base64, one line>\n
/// \n
/// :\n            when nothing happened for a while
/// \n
/// ```
/// - Source: HTML standard, 9.2 "Server-sent events"; docs/notifications.md.
enum EventText {
    static let contentType = "text/event-stream"

    /// Begins a stream: how long a client that loses it should wait, some less and some more, lest all come back at once.
    static func opening(retryMilliseconds: Int) -> String { "retry: \(retryMilliseconds)\n\n" }

    /// Shows both ends that the other one is there.
    static let heartbeat = ":\n\n"

    static func event(_ revision: SignedRevision) -> String {
        "id: \(revision.revision)\nevent: revision\ndata: \(base64(revision.letter))\n\n"
    }

    /// An event for the stock client, whose reader knows nothing but lines of data.
    ///
    /// - Source: cvmfs notify/messages.cc, notify/subscriber_sse.cc at 2ce5039.
    static func activity(_ revision: SignedRevision, of repository: String) -> String {
        let time = SignedLine.read("T", of: revision.letter).flatMap { Int64($0) } ?? 0
        return
            #"data: {"version":1,"timestamp":"\#(HTTPDate.text(secondsSince1970: time))","type":"activity","#
            + #""repository":"\#(repository)","manifest":"\#(base64(revision.letter))"}"# + "\n\n"
    }

    private static func base64(_ bytes: [UInt8]) -> String { Data(bytes).base64EncodedString() }
}
