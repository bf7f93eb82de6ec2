// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

/// A JSON document as it was written: numbers stay text, members keep their order.
///
/// The registry reads foreign JSON with its own parser because a general decoder accepts what must be refused here
/// (duplicate names, of which another reader may see the other one), recurses without a bound, and passes integers
/// through floating point.
/// - Source: RFC 8259.
package enum JSONValue: Hashable, Sendable {
    case null
    case boolean(Bool)
    /// A number, verbatim.
    case number(String)
    case string(String)
    case array([JSONValue])
    case object(JSONObject)

    /// Reads one document: valid UTF-8, no byte order mark, nothing after the value.
    ///
    /// Nesting deeper than `depthLimit` and an object that has one name twice are refused.
    /// - Throws: `invalidJSON` with the byte offset.
    package init(parsing bytes: [UInt8], depthLimit: Int = 64) throws(OCIProblem) {
        var parser = JSONParser(bytes: bytes, depthLimit: depthLimit)
        self = try parser.document()
    }

    /// The text of a string, else `nil`.
    package var string: String? {
        if case .string(let text) = self { text } else { nil }
    }

    /// The elements of an array, else `nil`.
    package var array: [JSONValue]? {
        if case .array(let elements) = self { elements } else { nil }
    }

    /// The members of an object, else `nil`.
    package var object: JSONObject? {
        if case .object(let members) = self { members } else { nil }
    }

    /// The value of a number that is written as an integer and fits, else `nil`.
    package var integer: Int64? {
        if case .number(let text) = self { Int64(text) } else { nil }
    }
}

/// The members of a JSON object, each name once.
package struct JSONObject: Hashable, Sendable {
    private let members: [String: JSONValue]

    init(members: [String: JSONValue]) { self.members = members }

    /// The value of a member; `nil` if it is absent or `null`.
    package subscript(name: String) -> JSONValue? {
        guard let value = members[name], value != .null else { return nil }
        return value
    }

    /// Whether a member is present, be it `null`.
    package func contains(_ name: String) -> Bool { members[name] != nil }

    /// All names, in no order.
    package var names: some Collection<String> { members.keys }

    /// All members, in no order.
    package var all: [String: JSONValue] { members }
}
