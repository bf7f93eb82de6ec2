// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

/// CVMFS client parameters by name, from the files in /etc/cvmfs and from `-o`.
///
/// The files are shell fragments for the stock client. Of that language this reads what its own files use:
/// `NAME=value` with quotes, `export`, `$NAME` and `${NAME}`, and comments. Other lines are passed over.
/// - Source: cvmfs-format H.1.
struct ParameterSet {
    private(set) var values: [String: String]

    init(_ values: [String: String] = [:]) { self.values = values }

    subscript(name: String) -> String? {
        get { values[name] }
        set { values[name] = newValue }
    }

    /// Adds the assignments of a file's text; later ones win.
    mutating func add(text: String) {
        for line in text.split(whereSeparator: \.isNewline) {
            var line = line.drop(while: \.isWhitespace)
            for word in ["readonly ", "export "] where line.hasPrefix(word) {
                line = line.dropFirst(word.count).drop(while: \.isWhitespace)
            }
            guard let equals = line.firstIndex(of: "="), Self.isName(line[..<equals]) else { continue }
            values[String(line[..<equals])] = value(line[line.index(after: equals)...])
        }
    }

    /// The files of a repository, in the order in which later ones win.
    static func files(of repository: String, domain: String, in directory: String) -> [String] {
        [
            "default.conf", "default.local", "domain.d/\(domain).conf", "domain.d/\(domain).local",
            "config.d/\(repository).conf", "config.d/\(repository).local",
        ].map { directory + "/" + $0 }
    }

    private static func isName(_ text: Substring) -> Bool {
        !text.isEmpty && text.allSatisfy { $0 == "_" || ($0.isASCII && ($0.isLetter || $0.isNumber)) }
    }

    /// Reads a value as a shell would: until a blank outside of quotes, with variables in place.
    private func value(_ text: Substring) -> String {
        var result = ""
        var quote: Character?
        var rest = text
        while let character = rest.first {
            rest = rest.dropFirst()
            switch character {
            case "'" where quote != "\"", "\"" where quote != "'": quote = quote == nil ? character : nil
            case "\\" where quote != "'":
                if let next = rest.first { result.append(next) }
                rest = rest.dropFirst()
            case "$" where quote != "'": result += variable(&rest)
            case _ where quote == nil && (character.isWhitespace || character == ";"): return result
            default: result.append(character)
            }
        }
        return result
    }

    /// Reads a name after a dollar sign, and returns its value.
    private func variable(_ rest: inout Substring) -> String {
        if rest.first == "{", let end = rest.firstIndex(of: "}") {
            let name = rest[rest.index(after: rest.startIndex)..<end]
            rest = rest[rest.index(after: end)...]
            return values[String(name)] ?? ""
        }
        let name = rest.prefix { $0 == "_" || ($0.isASCII && ($0.isLetter || $0.isNumber)) }
        rest = rest.dropFirst(name.count)
        return name.isEmpty ? "$" : values[String(name)] ?? ""
    }
}
