// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

/// One run of a proxy file.
struct ScriptRun {
    private let functions: [String: ScriptFunction]
    private let world: ProxyFileWorld
    private var globals: [String: ScriptValue] = [:]
    private var fuel = 100_000
    private var depth = 0
    private static let textLimit = 1 << 16

    init(_ functions: [String: ScriptFunction], _ world: ProxyFileWorld) {
        self.functions = functions
        self.world = world
    }

    private enum End {
        case goOn
        case answer(ScriptValue)
    }

    /// Does what stands outside of functions.
    mutating func begin(_ steps: [ScriptStatement]) throws(ProxyFileProblem) {
        var variables: [String: ScriptValue] = [:]
        _ = try run(steps, &variables)
        globals = variables
    }

    mutating func call(_ name: String, _ arguments: [ScriptValue]) throws(ProxyFileProblem) -> ScriptValue {
        guard let function = functions[name] else {
            return try ProxyFileWords.call(name, arguments, world)
        }
        depth += 1
        defer { depth -= 1 }
        guard depth < 32 else { throw ProxyFileProblem(.tooLarge, "it calls itself too often") }
        var variables: [String: ScriptValue] = [:]
        for (position, parameter) in function.parameters.enumerated() {
            variables[parameter] = position < arguments.count ? arguments[position] : .nothing
        }
        if case .answer(let value) = try run(function.body, &variables) { return value }
        return .nothing
    }

    private mutating func run(
        _ steps: [ScriptStatement],
        _ variables: inout [String: ScriptValue]
    ) throws(ProxyFileProblem) -> End {
        for step in steps {
            if case .answer(let value) = try run(step, &variables) { return .answer(value) }
        }
        return .goOn
    }

    private mutating func run(
        _ step: ScriptStatement,
        _ variables: inout [String: ScriptValue]
    ) throws(ProxyFileProblem) -> End {
        switch step {
        case .declare(let list):
            for (name, value) in list {
                variables[name] = if let value { try evaluate(value, &variables) } else { .nothing }
            }
        case .evaluate(let value): _ = try evaluate(value, &variables)
        case .branch(let condition, let then, let otherwise):
            if try evaluate(condition, &variables).isTrue { return try run(then, &variables) }
            if let otherwise { return try run(otherwise, &variables) }
        case .block(let steps): return try run(steps, &variables)
        case .answer(let value?): return .answer(try evaluate(value, &variables))
        case .answer(nil): return .answer(.nothing)
        }
        return .goOn
    }

    private mutating func evaluate(
        _ expression: ScriptExpression,
        _ variables: inout [String: ScriptValue]
    ) throws(ProxyFileProblem) -> ScriptValue {
        fuel -= 1
        guard fuel > 0 else { throw ProxyFileProblem(.tooLarge, "it takes too many steps") }
        switch expression {
        case .value(let value): return value
        case .variable(let name):
            guard let value = variables[name] ?? globals[name] else {
                throw ProxyFileProblem(.unsupported, "'\(name)' is not known")
            }
            return value
        case .assign(let name, let value):
            let value = try evaluate(value, &variables)
            if variables[name] == nil, globals[name] != nil {
                globals[name] = value
            } else {
                variables[name] = value
            }
            return value
        case .not(let value): return .truth(!(try evaluate(value, &variables).isTrue))
        case .minus(let value):
            guard case .number(let number) = try evaluate(value, &variables) else { return .number(.nan) }
            return .number(-number)
        case .choice(let condition, let first, let second):
            return try evaluate(condition, &variables).isTrue
                ? try evaluate(first, &variables) : try evaluate(second, &variables)
        case .binary(let sign, let left, let right): return try binary(sign, left, right, &variables)
        case .call(let name, let list): return try call(name, try evaluate(list, &variables))
        case .method(let value, let name, let list):
            let text = try evaluate(value, &variables).asText
            return try ProxyFileWords.method(name, of: text, try evaluate(list, &variables))
        case .length(let value): return .number(Double(try evaluate(value, &variables).asText.utf16.count))
        }
    }

    private mutating func evaluate(
        _ list: [ScriptExpression],
        _ variables: inout [String: ScriptValue]
    ) throws(ProxyFileProblem) -> [ScriptValue] {
        var values: [ScriptValue] = []
        for expression in list { values.append(try evaluate(expression, &variables)) }
        return values
    }

    private mutating func binary(
        _ sign: String,
        _ left: ScriptExpression,
        _ right: ScriptExpression,
        _ variables: inout [String: ScriptValue]
    ) throws(ProxyFileProblem) -> ScriptValue {
        let first = try evaluate(left, &variables)
        switch sign {
        case "||": return first.isTrue ? first : try evaluate(right, &variables)
        case "&&": return first.isTrue ? try evaluate(right, &variables) : first
        default: break
        }
        let second = try evaluate(right, &variables)
        switch (sign, first, second) {
        case ("===", _, _): return .truth(first == second)
        case ("!==", _, _): return .truth(first != second)
        case ("==", _, _): return .truth(Self.areAlike(first, second))
        case ("!=", _, _): return .truth(!Self.areAlike(first, second))
        case ("+", .number(let first), .number(let second)): return .number(first + second)
        case ("-", .number(let first), .number(let second)): return .number(first - second)
        case ("+", _, _):
            let text = first.asText + second.asText
            guard text.utf8.count <= Self.textLimit else {
                throw ProxyFileProblem(.tooLarge, "a text grows too long")
            }
            return .text(text)
        case (_, .number(let first), .number(let second)): return .truth(Self.compare(sign, first, second))
        case (_, .text(let first), .text(let second)): return .truth(Self.compare(sign, first, second))
        default: throw ProxyFileProblem(.unsupported, "'\(sign)' is not understood between such values")
        }
    }

    private static func areAlike(_ first: ScriptValue, _ second: ScriptValue) -> Bool {
        switch (first, second) {
        case (.number, .text), (.text, .number): first.asText == second.asText
        case (.truth(let truth), .number(let number)), (.number(let number), .truth(let truth)):
            number == (truth ? 1 : 0)
        default: first == second
        }
    }

    private static func compare<Value: Comparable>(_ sign: String, _ first: Value, _ second: Value) -> Bool {
        switch sign {
        case "<": first < second
        case ">": first > second
        case "<=": first <= second
        default: first >= second
        }
    }
}
