// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

/// Evaluates a configuration file of the stock client without a shell.
///
/// The stock client lets a shell run these files. What they use of it is understood here: assignments with quotes and
/// variables, `export`, `readonly`, `unset`, `if`, `case`, tests of strings and files. Everything else (programs,
/// `$(…)`, loops, functions) is passed over, said, and leaves the parameters as they were: a file is data, and nothing
/// that stands in it is ever run.
/// - Source: cvmfs-format H.1.
package struct ConfigurationScript: Sendable {
    /// Something that was passed over.
    package struct Note: Sendable, Equatable, CustomStringConvertible {
        package let path: String
        package let line: Int
        package let text: String

        package var description: String { "\(path):\(line): \(text)" }
    }

    /// What the world outside says.
    package struct Surroundings: Sendable {
        /// The process's environment.
        package var environment: [String: String]
        /// Whether `[ -f PATH ]` holds, for one of the letters `e`, `f`, `d`, `r`, `s`, `x`.
        package var holds: @Sendable (_ test: Character, _ path: String) -> Bool

        /// Describes the surroundings.
        package init(
            environment: [String: String] = [:],
            holds: @escaping @Sendable (_ test: Character, _ path: String) -> Bool = { _, _ in false }
        ) {
            self.environment = environment
            self.holds = holds
        }
    }

    private static let valueLimit = 256 << 10
    private let path: String
    let surroundings: Surroundings
    private var notes: [Note] = []

    /// Evaluates a file's text, and brings what it sets into `parameters`.
    ///
    /// - Parameters:
    ///   - text: the file's content.
    ///   - path: its name, for the origins of values.
    ///   - parameters: what earlier files set.
    ///   - surroundings: what tests and variables may ask for.
    /// - Returns: what was passed over.
    package static func evaluate(
        _ text: String,
        path: String,
        into parameters: inout ParameterSet,
        _ surroundings: Surroundings
    ) -> [Note] {
        var parser = ShellParser(text)
        var script = Self(path: path, surroundings: surroundings)
        script.run(parser.commands(), &parameters)
        return script.notes
    }

    private init(path: String, surroundings: Surroundings) {
        self.path = path
        self.surroundings = surroundings
    }

    mutating func note(_ line: Int, _ text: String) {
        notes.append(Note(path: path, line: line, text: text))
    }

    /// Runs commands; the last one's success is theirs.
    @discardableResult
    private mutating func run(_ commands: [ShellCommand], _ parameters: inout ParameterSet) -> Bool {
        var success = true
        for command in commands { success = run(command, &parameters) }
        return success
    }

    private mutating func run(_ command: ShellCommand, _ parameters: inout ParameterSet) -> Bool {
        switch command {
        case .assign(let assignments, let isReadOnly):
            for assignment in assignments { assign(assignment, isReadOnly, &parameters) }
            return true
        case .unset(let names):
            for name in names { parameters.remove(name) }
            return true
        case .test(let words): return test(words, parameters)
        case .constant(let value): return value
        case .not(let inner): return !run(inner, &parameters)
        case .both(let left, let right): return run(left, &parameters) && run(right, &parameters)
        case .either(let left, let right): return run(left, &parameters) || run(right, &parameters)
        case .branch(let branches, let otherwise):
            for branch in branches where run(branch.condition, &parameters) {
                return run(branch.body, &parameters)
            }
            return run(otherwise, &parameters)
        case .choice(let subject, let arms):
            guard let value = expand(subject, parameters) else { return false }
            for arm in arms where arm.patterns.contains(where: { matches($0, value, parameters) }) {
                return run(arm.body, &parameters)
            }
            return true
        case .foreign(let word, let line):
            note(line, "'\(word)' is not understood and was passed over")
            return false
        }
    }

    private mutating func matches(_ pattern: ShellWord, _ value: String, _ parameters: ParameterSet) -> Bool {
        expand(pattern, parameters).map { ShellPattern.matches($0, value) } ?? false
    }

    private mutating func assign(
        _ assignment: ShellCommand.Assignment,
        _ isReadOnly: Bool,
        _ parameters: inout ParameterSet
    ) {
        let line = assignment.value.line
        guard let value = expand(assignment.value, parameters) else { return }
        // Files that append a value to itself again and again do not fill the memory.
        guard value.utf8.count <= Self.valueLimit else {
            note(line, "\(assignment.name) would have more than \(Self.valueLimit) bytes and was passed over")
            return
        }
        let isSet = parameters.set(
            assignment.name,
            to: value,
            from: .file(path, line: line),
            readOnly: isReadOnly
        )
        if !isSet { note(line, "\(assignment.name) is read-only since an earlier file") }
    }

    // MARK: Words

    /// A word with its variables in place; `nil`, and a note, if only a shell could tell.
    mutating func expand(_ word: ShellWord, _ parameters: ParameterSet) -> String? {
        if case .foreign(let text)? = word.parts.first(where: {
            if case .foreign = $0 { true } else { false }
        }) {
            note(word.line, "'\(text)' would have to be run, so what depends on it was passed over")
            return nil
        }
        return expand(word.parts, parameters)
    }

    private func expand(_ parts: [ShellWord.Part], _ parameters: ParameterSet) -> String {
        parts.map { part in
            switch part {
            case .text(let text), .foreign(let text): return text
            case .variable(let name, let fallback):
                let value = parameters[name] ?? surroundings.environment[name] ?? ""
                return value.isEmpty ? expand(fallback ?? [], parameters) : value
            }
        }.joined()
    }
}
