// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

/// A word of a configuration file, before variables are put in.
struct ShellWord: Equatable {
    /// A part of a word.
    enum Part: Equatable {
        case text(String)
        /// `$NAME`, `${NAME}`, or with what stands for a variable that is unset: `${NAME:-default}`.
        case variable(String, default: [Part]?)
        /// What only a shell can evaluate: `$(…)`, backticks, arithmetic, other forms of `${…}`.
        case foreign(String)
    }

    var parts: [Part] = []
    /// Whether any of it was quoted: then it is no keyword, and an empty word counts.
    var isQuoted = false
    let line: Int

    /// The text of a word without quotes and variables; `nil` for others.
    var plainText: String? {
        guard !isQuoted, parts.count == 1, case .text(let text) = parts[0] else { return nil }
        return text
    }
}

/// A piece of a configuration file.
enum ShellToken: Equatable {
    case word(ShellWord)
    /// `;` `&&` `||` `;;` `(` `)` `|` `&` `<` `>` `{` `}`, or a line's end, which is `"\n"`.
    case mark(String, line: Int)
}

/// Splits a configuration file into words, as a shell would.
///
/// - Source: POSIX.1-2017, Shell Command Language, 2.2 and 2.3.
struct ShellLexer {
    /// Defaults of variables nest; hostile ones do not overflow the stack.
    private static let depthLimit = 8

    private let text: [Character]
    private var position = 0
    private var line = 1

    init(_ text: String) {
        // A line's end is one character even where it is two bytes.
        self.text = text.map { $0.isNewline ? "\n" : $0 }
    }

    /// All pieces, in order.
    mutating func tokens() -> [ShellToken] {
        var tokens: [ShellToken] = []
        while let character = peek() {
            switch character {
            case "\n":
                tokens.append(.mark("\n", line: line))
                advance()
            case _ where character.isWhitespace: advance()
            case "\\" where peek(1) == "\n":
                advance()
                advance()
            case "#": while let next = peek(), next != "\n" { advance() }
            case ";", "&", "|", "(", ")", "<", ">": tokens.append(mark(character))
            default: tokens.append(.word(word()))
            }
        }
        return tokens
    }

    private func peek(_ offset: Int = 0) -> Character? {
        position + offset < text.count ? text[position + offset] : nil
    }

    private mutating func advance() {
        if peek() == "\n" { line += 1 }
        position += 1
    }

    private mutating func mark(_ character: Character) -> ShellToken {
        let start = line
        advance()
        if character != "(", character != ")", peek() == character {
            advance()
            return .mark(String([character, character]), line: start)
        }
        return .mark(String(character), line: start)
    }

    private mutating func word() -> ShellWord {
        var word = ShellWord(line: line)
        while let character = peek() {
            switch character {
            case "'":
                word.isQuoted = true
                advance()
                word.append(text: until("'"))
            case "\"":
                word.isQuoted = true
                advance()
                quoted(into: &word)
            case "\\":
                advance()
                if let next = peek(), next != "\n" {
                    word.isQuoted = true
                    word.append(text: String(next))
                }
                if peek() != nil { advance() }
            case "$": word.append(expansion(depth: 0))
            case "`":
                advance()
                word.append(.foreign("`" + until("`") + "`"))
            case _ where character.isWhitespace || ";&|()<>".contains(character): return word
            default:
                word.append(text: String(character))
                advance()
            }
        }
        return word
    }

    /// Reads up to a closing mark, which is left behind.
    private mutating func until(_ end: Character) -> String {
        var content = ""
        while let character = peek() {
            advance()
            if character == end { break }
            content.append(character)
        }
        return content
    }

    private mutating func quoted(into word: inout ShellWord) {
        while let character = peek() {
            switch character {
            case "\"":
                advance()
                return
            case "\\":
                advance()
                guard let next = peek() else { return }
                advance()
                if next == "\n" { continue }
                word.append(text: "\"\\$`".contains(next) ? String(next) : "\\" + String(next))
            case "$": word.append(expansion(depth: 0))
            case "`":
                advance()
                word.append(.foreign("`" + until("`") + "`"))
            default:
                word.append(text: String(character))
                advance()
            }
        }
    }

    /// Reads what follows a dollar sign.
    private mutating func expansion(depth: Int) -> ShellWord.Part {
        advance()
        switch peek() {
        case "{":
            advance()
            return braced(depth)
        case "(": return .foreign("$" + parenthesised())
        default:
            let name = name()
            return name.isEmpty ? .text("$") : .variable(name, default: nil)
        }
    }

    private mutating func name() -> String {
        var name = ""
        while let character = peek(), ParameterName.mayContain(character) {
            name.append(character)
            advance()
        }
        return name
    }

    private mutating func braced(_ depth: Int) -> ShellWord.Part {
        let name = name()
        if peek() == "}" {
            advance()
            return name.isEmpty ? .foreign("${}") : .variable(name, default: nil)
        }
        guard !name.isEmpty, peek() == ":", peek(1) == "-", depth < Self.depthLimit else {
            return .foreign("${" + name + until("}") + "}")
        }
        advance()
        advance()
        var fallback = ShellWord(line: line)
        while let character = peek() {
            switch character {
            case "}":
                advance()
                return .variable(name, default: fallback.parts)
            case "$": fallback.append(expansion(depth: depth + 1))
            case "\"", "'": advance()
            default:
                fallback.append(text: String(character))
                advance()
            }
        }
        return .foreign("${" + name)
    }

    /// Passes over a command in parentheses, and what is nested in it.
    private mutating func parenthesised() -> String {
        var (content, depth) = ("", 0)
        while let character = peek() {
            content.append(character)
            advance()
            if character == "(" { depth += 1 }
            if character == ")" { depth -= 1 }
            if depth == 0 { break }
        }
        return content
    }
}

extension ShellWord {
    fileprivate mutating func append(text: String) { append(.text(text)) }

    fileprivate mutating func append(_ part: Part) {
        if case .text(let more) = part, case .text(let text)? = parts.last {
            parts[parts.count - 1] = .text(text + more)
        } else {
            parts.append(part)
        }
    }
}

/// Names that can be assigned to.
enum ParameterName {
    /// Whether a character may stand in a name.
    static func mayContain(_ character: Character) -> Bool {
        character == "_" || (character.isASCII && (character.isLetter || character.isNumber))
    }

    /// Whether a text is a name.
    static func isValid(_ text: some StringProtocol) -> Bool {
        guard let first = text.first, !first.isNumber else { return false }
        return text.allSatisfy(mayContain)
    }
}
