// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

extension ConfigurationScript {
    /// Whether `[ … ]` holds; a test that is not understood does not.
    mutating func test(_ words: [ShellWord], _ parameters: ParameterSet) -> Bool {
        var operands: [String] = []
        for word in words {
            guard let text = expand(word, parameters) else { return false }
            // An unquoted variable without a value is no word at all.
            if !text.isEmpty || word.isQuoted { operands.append(text) }
        }
        guard let result = evaluate(operands[...]) else {
            note(words.first?.line ?? 0, "the test '\(operands.joined(separator: " "))' is not understood")
            return false
        }
        return result
    }

    /// - Source: POSIX.1-2017, `test`.
    private func evaluate(_ operands: ArraySlice<String>) -> Bool? {
        if let either = operands.lastIndex(of: "-o"), either > operands.startIndex, operands.count > 3 {
            guard let left = evaluate(operands[..<either]), let right = evaluate(operands[(either + 1)...])
            else { return nil }
            return left || right
        }
        if let both = operands.lastIndex(of: "-a"), both > operands.startIndex, operands.count > 3 {
            guard let left = evaluate(operands[..<both]), let right = evaluate(operands[(both + 1)...]) else {
                return nil
            }
            return left && right
        }
        if operands.first == "!", operands.count > 1 { return evaluate(operands.dropFirst()).map { !$0 } }
        let words = Array(operands)
        switch words.count {
        case 0: return false
        case 1: return !words[0].isEmpty
        case 2: return unary(words[0], words[1])
        case 3: return binary(words[0], words[1], words[2])
        default: return nil
        }
    }

    private func unary(_ test: String, _ operand: String) -> Bool? {
        switch test {
        case "-z": return operand.isEmpty
        case "-n": return !operand.isEmpty
        case "-e", "-f", "-d", "-r", "-s", "-x":
            return test.last.map { surroundings.holds($0, operand) }
        default: return nil
        }
    }

    private func binary(_ left: String, _ test: String, _ right: String) -> Bool? {
        switch test {
        case "=", "==": return left == right
        case "!=": return left != right
        default: break
        }
        guard let first = Int(left), let second = Int(right) else { return nil }
        switch test {
        case "-eq": return first == second
        case "-ne": return first != second
        case "-lt": return first < second
        case "-le": return first <= second
        case "-gt": return first > second
        case "-ge": return first >= second
        default: return nil
        }
    }
}
