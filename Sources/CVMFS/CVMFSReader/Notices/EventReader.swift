// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import FoundationEssentials

/// Reads a stream of revisions, byte by byte, within bounds.
///
/// ```
/// retry: 2417
///
/// id: 42
/// event: revision
/// data: <the signed manifest in base64>
///
/// :
/// ```
/// Lines end with LF, CR LF or CR; fields that are not known are passed over, as are events of other kinds.
/// - Source: HTML standard, 9.2.6 "Interpreting an event stream"; docs/notifications.md.
package struct EventReader {
    /// What was read.
    package enum Event: Equatable, Sendable {
        /// A signed manifest.
        case letter([UInt8])
        /// The line of an event stream that shows that this is one, and that the server is there.
        case sign
        /// How long to stay away after the stream has ended.
        case retry(milliseconds: Int)
    }

    /// The stream is none, or one that nobody should read.
    package enum Fault: Error, Equatable {
        /// A line or an event has more bytes than it may have.
        case tooLong
        /// The data of a revision is no base64.
        case notBase64
        /// So much came, and none of it makes sense.
        case noEvents
    }

    /// A manifest has 64 KiB at most, a third more in base64.
    private static let lineLimit = 96 << 10
    /// A page of a captive portal is noticed after so much.
    private static let nonsenseLimit = 64 << 10

    private var line: [UInt8] = []
    private var lastWasReturn = false
    private var data: [UInt8] = []
    private var hasData = false
    private var isRevision = false
    private var nonsense = 0

    /// Begins before the first byte.
    package init() {}

    /// Takes the next bytes.
    ///
    /// - Returns: what they complete, in order.
    /// - Throws: a `Fault`, after which nothing more may be read.
    package mutating func take(_ bytes: some Sequence<UInt8>) throws(Fault) -> [Event] {
        var events: [Event] = []
        for byte in bytes {
            let isFeedAfterReturn = lastWasReturn && byte == UInt8(ascii: "\n")
            lastWasReturn = byte == UInt8(ascii: "\r")
            if isFeedAfterReturn { continue }
            if byte == UInt8(ascii: "\n") || lastWasReturn {
                if let event = try endLine() { events.append(event) }
                line.removeAll(keepingCapacity: true)
            } else {
                guard line.count < Self.lineLimit else { throw .tooLong }
                line.append(byte)
            }
        }
        return events
    }

    private mutating func endLine() throws(Fault) -> Event? {
        guard !line.isEmpty else { return try endEvent() }
        if line[0] == UInt8(ascii: ":") { return known(.sign) }
        let colon = line.firstIndex(of: UInt8(ascii: ":")) ?? line.endIndex
        var value = line[colon...].dropFirst()
        if value.first == UInt8(ascii: " ") { value = value.dropFirst() }
        switch String(decoding: line[..<colon], as: UTF8.self) {
        case "data":
            guard data.count + value.count < Self.lineLimit else { throw .tooLong }
            if hasData { data.append(UInt8(ascii: "\n")) }
            data += value
            hasData = true
            return known(nil)
        case "event":
            isRevision = value.elementsEqual("revision".utf8)
            return known(nil)
        case "id": return known(.sign)
        case "retry":
            guard value.count <= 7, let milliseconds = Int(String(decoding: value, as: UTF8.self)),
                milliseconds >= 0
            else { return nil }
            return known(.retry(milliseconds: milliseconds))
        default:
            nonsense += line.count
            guard nonsense < Self.nonsenseLimit else { throw .noEvents }
            return nil
        }
    }

    private mutating func known(_ event: Event?) -> Event? {
        nonsense = 0
        return event
    }

    /// An empty line ends an event.
    private mutating func endEvent() throws(Fault) -> Event? {
        defer { (data, hasData, isRevision) = ([], false, false) }
        guard isRevision, hasData else { return nil }
        guard let letter = Data(base64Encoded: Data(data)) else { throw .notBase64 }
        return .letter([UInt8](letter))
    }
}
