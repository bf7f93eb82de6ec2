// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

/// What a proxy file says, as a tree.
indirect enum ScriptExpression {
    case value(ScriptValue)
    case variable(String)
    case assign(String, ScriptExpression)
    case not(ScriptExpression)
    case minus(ScriptExpression)
    case binary(String, ScriptExpression, ScriptExpression)
    case choice(ScriptExpression, ScriptExpression, ScriptExpression)
    case call(String, [ScriptExpression])
    /// A text's own function, such as `toLowerCase`.
    case method(ScriptExpression, String, [ScriptExpression])
    /// The only member that is read: `length`.
    case length(ScriptExpression)
}

/// One step of a function.
indirect enum ScriptStatement {
    case declare([(name: String, value: ScriptExpression?)])
    case evaluate(ScriptExpression)
    case branch(ScriptExpression, then: ScriptStatement, otherwise: ScriptStatement?)
    case block([ScriptStatement])
    case answer(ScriptExpression?)
}

/// A function by its parameters and steps.
struct ScriptFunction {
    let parameters: [String]
    let body: [ScriptStatement]
}

/// What expressions come to.
enum ScriptValue: Equatable {
    case text(String)
    case number(Double)
    case truth(Bool)
    case nothing

    var isTrue: Bool {
        switch self {
        case .text(let text): !text.isEmpty
        case .number(let number): number != 0 && !number.isNaN
        case .truth(let truth): truth
        case .nothing: false
        }
    }

    var asText: String {
        switch self {
        case .text(let text): text
        case .number(let number):
            number == number.rounded() && abs(number) < 1e15 ? String(Int64(number)) : String(number)
        case .truth(let truth): String(truth)
        case .nothing: "null"
        }
    }
}
