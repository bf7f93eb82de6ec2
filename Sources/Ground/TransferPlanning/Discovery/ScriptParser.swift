// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

/// Reads the part of JavaScript that proxy files are written in.
///
/// That is functions, variables, `if`, `return`, and expressions of texts and numbers. Loops, objects, arrays and regular expressions are refused by name.
struct ScriptParser {
    private var words: ArraySlice<ScriptToken>
    private var depth = 0
    private static let depthLimit = 64

    private init(_ words: [ScriptToken]) { self.words = words[...] }

    /// The functions of a file by name, and what stands outside of them.
    static func read(_ text: String) throws(ProxyFileProblem) -> (
        functions: [String: ScriptFunction], steps: [ScriptStatement]
    ) {
        var parser = ScriptParser(try ScriptToken.words(of: text))
        var functions: [String: ScriptFunction] = [:]
        var steps: [ScriptStatement] = []
        while parser.words.first != .end {
            if parser.take(.name("function")) {
                let name = try parser.name()
                functions[name] = try parser.function()
            } else {
                steps.append(try parser.statement())
            }
        }
        return (functions, steps)
    }

    // MARK: Statements

    private mutating func function() throws(ProxyFileProblem) -> ScriptFunction {
        try expect("(")
        var parameters: [String] = []
        while !take(.sign(")")) {
            if !parameters.isEmpty { try expect(",") }
            parameters.append(try name())
        }
        try expect("{")
        return ScriptFunction(parameters: parameters, body: try block())
    }

    private mutating func block() throws(ProxyFileProblem) -> [ScriptStatement] {
        var steps: [ScriptStatement] = []
        while !take(.sign("}")) { steps.append(try statement()) }
        return steps
    }

    private mutating func statement() throws(ProxyFileProblem) -> ScriptStatement {
        depth += 1
        defer { depth -= 1 }
        guard depth < Self.depthLimit else { throw ProxyFileProblem(.tooLarge, "it is nested too deeply") }
        if take(.sign("{")) { return .block(try block()) }
        if take(.sign(";")) { return .block([]) }
        for word in [
            "for", "while", "do", "switch", "try", "throw", "function", "new", "with", "break", "continue",
        ]
        where words.first == .name(word) {
            throw ProxyFileProblem(.unsupported, "'\(word)' is not understood here")
        }
        if take(.name("if")) {
            try expect("(")
            let condition = try expression()
            try expect(")")
            let then = try statement()
            return .branch(condition, then: then, otherwise: take(.name("else")) ? try statement() : nil)
        }
        if take(.name("return")) {
            if take(.sign(";")) || words.first == .sign("}") { return .answer(nil) }
            let value = try expression()
            _ = take(.sign(";"))
            return .answer(value)
        }
        for word in ["var", "let", "const"] where take(.name(word)) { return try declaration() }
        let value = try expression()
        _ = take(.sign(";"))
        return .evaluate(value)
    }

    private mutating func declaration() throws(ProxyFileProblem) -> ScriptStatement {
        var list: [(name: String, value: ScriptExpression?)] = []
        repeat {
            let name = try name()
            list.append((name, take(.sign("=")) ? try expression() : nil))
        } while take(.sign(","))
        _ = take(.sign(";"))
        return .declare(list)
    }

    // MARK: Expressions

    private mutating func expression() throws(ProxyFileProblem) -> ScriptExpression {
        depth += 1
        defer { depth -= 1 }
        guard depth < Self.depthLimit else { throw ProxyFileProblem(.tooLarge, "it is nested too deeply") }
        let first = try binary(0)
        if case .variable(let name) = first, take(.sign("=")) { return .assign(name, try expression()) }
        guard take(.sign("?")) else { return first }
        let second = try expression()
        try expect(":")
        return .choice(first, second, try expression())
    }

    /// Operators that bind equally stand on one line, the loosest first.
    private static let levels: [[String]] = [
        ["||"], ["&&"], ["==", "!=", "===", "!=="], ["<", ">", "<=", ">="], ["+", "-"],
    ]

    private mutating func binary(_ level: Int) throws(ProxyFileProblem) -> ScriptExpression {
        guard level < Self.levels.count else { return try unary() }
        var left = try binary(level + 1)
        // A chain is a tree as deep as it is long, which somebody has to walk down.
        var length = 0
        while case .sign(let sign)? = words.first, Self.levels[level].contains(sign) {
            length += 1
            guard length < 512 else { throw ProxyFileProblem(.tooLarge, "an expression is too long") }
            words.removeFirst()
            left = .binary(sign, left, try binary(level + 1))
        }
        return left
    }

    private mutating func unary() throws(ProxyFileProblem) -> ScriptExpression {
        depth += 1
        defer { depth -= 1 }
        guard depth < Self.depthLimit else { throw ProxyFileProblem(.tooLarge, "it is nested too deeply") }
        if take(.sign("!")) { return .not(try unary()) }
        if take(.sign("-")) { return .minus(try unary()) }
        var value = try primary()
        var length = 0
        while take(.sign(".")) {
            length += 1
            guard length < 64 else { throw ProxyFileProblem(.tooLarge, "an expression is too long") }
            let member = try name()
            if take(.sign("(")) {
                value = .method(value, member, try arguments())
            } else if member == "length" {
                value = .length(value)
            } else {
                throw ProxyFileProblem(.unsupported, "the member '\(member)' is not understood")
            }
        }
        return value
    }

    private mutating func primary() throws(ProxyFileProblem) -> ScriptExpression {
        switch words.popFirst() {
        case .text(let text): return .value(.text(text))
        case .number(let number): return .value(.number(number))
        case .name("true"): return .value(.truth(true))
        case .name("false"): return .value(.truth(false))
        case .name("null"), .name("undefined"): return .value(.nothing)
        case .name(let name): return take(.sign("(")) ? .call(name, try arguments()) : .variable(name)
        case .sign("("):
            let value = try expression()
            try expect(")")
            return value
        case .sign(let sign): throw ProxyFileProblem(.syntax, "'\(sign)' is not expected here")
        case .end, nil: throw ProxyFileProblem(.syntax, "it ends too early")
        }
    }

    private mutating func arguments() throws(ProxyFileProblem) -> [ScriptExpression] {
        var list: [ScriptExpression] = []
        while !take(.sign(")")) {
            if !list.isEmpty { try expect(",") }
            list.append(try expression())
        }
        return list
    }

    // MARK: Words

    private mutating func take(_ word: ScriptToken) -> Bool {
        guard words.first == word else { return false }
        words.removeFirst()
        return true
    }

    private mutating func expect(_ sign: String) throws(ProxyFileProblem) {
        guard take(.sign(sign)) else { throw ProxyFileProblem(.syntax, "'\(sign)' is missing") }
    }

    private mutating func name() throws(ProxyFileProblem) -> String {
        guard case .name(let name)? = words.first else {
            throw ProxyFileProblem(.syntax, "a name is missing")
        }
        words.removeFirst()
        return name
    }
}
