// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

/// The words of a proxy file.
enum ScriptToken: Equatable {
    case name(String)
    case text(String)
    case number(Double)
    /// An operator or a bracket.
    case sign(String)
    case end

    /// What this reads of the language's signs, longest first.
    private static let signs = [
        "===", "!==", "==", "!=", "<=", ">=", "&&", "||", "(", ")", "{", "}", ",", ";", "?", ":", "=", "+",
        "-", "!", "<", ">", ".",
    ]

    /// Splits a text into words, and leaves comments out.
    static func words(of text: String) throws(ProxyFileProblem) -> [ScriptToken] {
        var words: [ScriptToken] = []
        var rest = Array(text.unicodeScalars)[...]
        while let next = rest.first {
            if next.properties.isWhitespace || next == "\u{FEFF}" {
                rest.removeFirst()
            } else if rest.starts(with: "//".unicodeScalars) {
                rest = rest.drop { $0 != "\n" }
            } else if rest.starts(with: "/*".unicodeScalars) {
                rest = try comment(rest)
            } else if next == "\"" || next == "'" {
                words.append(.text(try quoted(&rest)))
            } else if isOfName(next), !isDigit(next) {
                words.append(.name(String(taking(&rest, while: isOfName))))
            } else if isDigit(next) {
                let digits = String(taking(&rest) { isDigit($0) || $0 == "." })
                guard let number = Double(digits) else {
                    throw ProxyFileProblem(.syntax, "'\(digits)' is no number")
                }
                words.append(.number(number))
            } else if let sign = signs.first(where: { rest.starts(with: $0.unicodeScalars) }) {
                rest = rest.dropFirst(sign.unicodeScalars.count)
                words.append(.sign(sign))
            } else {
                throw ProxyFileProblem(.unsupported, "the sign '\(next)' is not understood")
            }
        }
        return words + [.end]
    }

    private static func comment(_ rest: ArraySlice<Unicode.Scalar>) throws(ProxyFileProblem) -> ArraySlice<
        Unicode.Scalar
    > {
        var rest = rest.dropFirst(2)
        while !rest.starts(with: "*/".unicodeScalars) {
            guard !rest.isEmpty else { throw ProxyFileProblem(.syntax, "a comment has no end") }
            rest.removeFirst()
        }
        return rest.dropFirst(2)
    }

    private static func quoted(_ rest: inout ArraySlice<Unicode.Scalar>) throws(ProxyFileProblem) -> String {
        let quote = rest.removeFirst()
        var text = String.UnicodeScalarView()
        while let next = rest.popFirst() {
            switch next {
            case quote: return String(text)
            case "\n": throw ProxyFileProblem(.syntax, "a text has no end")
            case "\\":
                guard let escaped = rest.popFirst() else { break }
                switch escaped {
                case "n": text.append("\n")
                case "t": text.append("\t")
                case "\"", "'", "\\", "/", ".": text.append(escaped)
                default: throw ProxyFileProblem(.unsupported, "the escape '\\\(escaped)' is not understood")
                }
            default: text.append(next)
            }
        }
        throw ProxyFileProblem(.syntax, "a text has no end")
    }

    private static func taking(
        _ rest: inout ArraySlice<Unicode.Scalar>,
        while holds: (Unicode.Scalar) -> Bool
    ) -> String.UnicodeScalarView {
        let taken = rest.prefix { holds($0) }
        rest = rest.dropFirst(taken.count)
        return String.UnicodeScalarView(taken)
    }

    private static func isDigit(_ scalar: Unicode.Scalar) -> Bool { ("0"..."9").contains(scalar) }

    private static func isOfName(_ scalar: Unicode.Scalar) -> Bool {
        ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar) || isDigit(scalar) || scalar == "_"
            || scalar == "$"
    }
}
