// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

/// Writing of the few JSON answers that the registry composes.
enum JSONText {
    /// A string with its quotes.
    static func quote(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case _ where scalar.value < 0x20:
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }

    /// An array of strings.
    static func array(_ texts: some Sequence<String>) -> String {
        "[" + texts.map { quote($0) }.joined(separator: ",") + "]"
    }

    /// An object of strings, sorted by name.
    static func object(_ members: [String: String]) -> String {
        let pairs = members.sorted { $0.key < $1.key }.map { "\(quote($0.key)):\(quote($0.value))" }
        return "{" + pairs.joined(separator: ",") + "}"
    }
}
