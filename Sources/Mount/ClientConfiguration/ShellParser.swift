// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

/// A command of a configuration file.
indirect enum ShellCommand {
    /// One assignment of `export A=1 B=2`.
    struct Assignment {
        let name: String
        let value: ShellWord
    }

    /// `if CONDITION; then BODY`.
    struct Branch {
        let condition: [ShellCommand]
        let body: [ShellCommand]
    }

    /// `PATTERN | PATTERN) BODY ;;`.
    struct Arm {
        let patterns: [ShellWord]
        let body: [ShellCommand]
    }

    case assign([Assignment], isReadOnly: Bool)
    case unset([String])
    /// `[ … ]` or `test …`.
    case test([ShellWord])
    case constant(Bool)
    case not(ShellCommand)
    /// `A && B`, `A || B`.
    case both(ShellCommand, ShellCommand)
    case either(ShellCommand, ShellCommand)
    case branch([Branch], otherwise: [ShellCommand])
    case choice(ShellWord, [Arm])
    /// What this does not understand, and how it begins.
    case foreign(String, line: Int)
}

/// Understands the commands of a configuration file: assignments, `if`, `case`, tests, and lists of these.
///
/// A file that nests deeper than `depthLimit`, or that breaks off, gives what was understood up to there.
struct ShellParser {
    private static let depthLimit = 32
    private static let keywords: Set = ["then", "elif", "else", "fi", "esac", "do", "done", "}"]

    private let tokens: [ShellToken]
    private var position = 0
    private var depth = 0

    init(_ text: String) {
        var lexer = ShellLexer(text)
        tokens = lexer.tokens()
    }

    /// All commands.
    mutating func commands() -> [ShellCommand] {
        var commands: [ShellCommand] = []
        while position < tokens.count {
            commands += list()
            // A keyword without its beginning: pass over it.
            if position < tokens.count {
                commands.append(.foreign(describe(), line: currentLine))
                position += 1
            }
        }
        return commands
    }

    // MARK: Looking

    private var current: ShellToken? { position < tokens.count ? tokens[position] : nil }

    private var currentLine: Int {
        switch current {
        case .word(let word): word.line
        case .mark(_, let line): line
        case nil: 0
        }
    }

    private var keyword: String? {
        if case .word(let word)? = current { word.plainText } else { nil }
    }

    private func isMark(_ text: String) -> Bool {
        if case .mark(let mark, _)? = current { mark == text } else { false }
    }

    /// Whether a command ends here.
    private var isAtEnd: Bool {
        if case .mark(let mark, _)? = current { ["\n", ";", ";;", "&&", "||"].contains(mark) } else { false }
    }

    private mutating func skipSeparators() {
        while isMark("\n") || isMark(";") || isMark("&") { position += 1 }
    }

    private func describe() -> String {
        switch current {
        case .word(let word): word.plainText ?? "…"
        case .mark(let mark, _): mark == "\n" ? "" : mark
        case nil: ""
        }
    }

    // MARK: Commands

    /// Commands up to a keyword, `)` or `;;`, which is left for whoever began the list.
    private mutating func list() -> [ShellCommand] {
        var commands: [ShellCommand] = []
        while true {
            skipSeparators()
            guard current != nil, !isMark(";;"), !isMark(")") else { return commands }
            if let keyword, Self.keywords.contains(keyword) { return commands }
            commands.append(chain())
        }
    }

    private mutating func chain() -> ShellCommand {
        var left = command()
        while isMark("&&") || isMark("||") {
            let isBoth = isMark("&&")
            position += 1
            while isMark("\n") { position += 1 }
            let right = command()
            left = isBoth ? .both(left, right) : .either(left, right)
        }
        return left
    }

    private mutating func command() -> ShellCommand {
        guard depth < Self.depthLimit else { return foreign() }
        depth += 1
        defer { depth -= 1 }
        switch keyword {
        case "if": return branch()
        case "case": return choice()
        case "!":
            position += 1
            return .not(command())
        case "[", "[[", "test": return test()
        case "true", ":":
            _ = words()
            return .constant(true)
        case "false":
            _ = words()
            return .constant(false)
        default: return assignmentsOrForeign()
        }
    }

    /// The words up to the command's end.
    private mutating func words() -> [ShellWord] {
        var words: [ShellWord] = []
        while case .word(let word)? = current {
            words.append(word)
            position += 1
        }
        return words
    }

    private mutating func foreign() -> ShellCommand {
        let (text, line) = (describe(), currentLine)
        while current != nil, !isAtEnd { position += 1 }
        return .foreign(text, line: line)
    }

    private mutating func assignmentsOrForeign() -> ShellCommand {
        let start = position
        var words = words()
        let first = words.first?.plainText
        let isDeclaration = ["export", "readonly", "declare", "local", "typeset"].contains(first ?? "")
        if isDeclaration { words.removeFirst() }
        if first == "unset" { return .unset(words.dropFirst().compactMap(\.plainText)) }
        let assignments = words.compactMap(Self.assignment)
        let isComplete = current == nil || isAtEnd
        // `export A` without a value changes nothing here.
        let others = words.count - assignments.count
        guard isComplete, isDeclaration || (others == 0 && !assignments.isEmpty) else {
            position = start
            return foreign()
        }
        return .assign(assignments, isReadOnly: first == "readonly")
    }

    private static func assignment(_ word: ShellWord) -> ShellCommand.Assignment? {
        guard case .text(let text)? = word.parts.first, let equals = text.firstIndex(of: "="),
            ParameterName.isValid(text[..<equals])
        else { return nil }
        var value = word
        let rest = text[text.index(after: equals)...]
        value.parts[0] = .text(String(rest))
        return ShellCommand.Assignment(name: String(text[..<equals]), value: value)
    }

    private mutating func test() -> ShellCommand {
        let opening = keyword
        position += 1
        var words = words()
        // Inside of [[ ]] the marks of lists join conditions; nobody writes that in these files.
        guard opening != "[[" || !(isMark("&&") || isMark("||")) || words.last?.plainText == "]]" else {
            return foreign()
        }
        if opening != "test" {
            guard let last = words.popLast()?.plainText, last == (opening == "[" ? "]" : "]]") else {
                return foreign()
            }
        }
        return .test(words)
    }

    private mutating func branch() -> ShellCommand {
        let line = currentLine
        var branches: [ShellCommand.Branch] = []
        var otherwise: [ShellCommand] = []
        position += 1
        while true {
            let condition = list()
            guard keyword == "then" else { return .foreign("if", line: line) }
            position += 1
            branches.append(ShellCommand.Branch(condition: condition, body: list()))
            if keyword == "elif" {
                position += 1
                continue
            }
            if keyword == "else" {
                position += 1
                otherwise = list()
            }
            guard keyword == "fi" else { return .foreign("if", line: line) }
            position += 1
            return .branch(branches, otherwise: otherwise)
        }
    }

    private mutating func choice() -> ShellCommand {
        let line = currentLine
        position += 1
        guard case .word(let subject)? = current else { return foreign() }
        position += 1
        skipSeparators()
        guard keyword == "in" else { return .foreign("case", line: line) }
        position += 1
        var arms: [ShellCommand.Arm] = []
        while true {
            skipSeparators()
            if isMark(";;") {
                position += 1
                continue
            }
            if keyword == "esac" {
                position += 1
                return .choice(subject, arms)
            }
            if isMark("(") { position += 1 }
            var patterns: [ShellWord] = []
            while case .word(let word)? = current {
                patterns.append(word)
                position += 1
                if isMark("|") { position += 1 }
            }
            guard isMark(")") else { return .foreign("case", line: line) }
            position += 1
            arms.append(ShellCommand.Arm(patterns: patterns, body: list()))
        }
    }
}
