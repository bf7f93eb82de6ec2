// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

/// What this client does with each parameter of the stock client.
///
/// - Source: cvmfs-format H.2.
package enum ParameterTable {
    /// What setting a parameter does.
    package enum Treatment: Sendable, Equatable {
        case honoured
        /// Honoured, in another way than by the stock client.
        case differs(String)
        /// Without an effect, and why that is right.
        case ignored(String)
    }

    /// One parameter.
    package struct Row: Sendable {
        /// The name; `<inst>` stands for the name of a cache instance.
        package let name: String
        package let treatment: Treatment
        /// What it is, in a few words.
        package let meaning: String

        init(_ name: String, _ meaning: String, _ treatment: Treatment = .honoured) {
            self.name = name
            self.meaning = meaning
            self.treatment = treatment
        }

        /// Whether this row is about a parameter.
        package func describes(_ parameter: String) -> Bool {
            guard let mark = name.firstRange(of: "<inst>") else { return name == parameter }
            let (prefix, suffix) = (name[..<mark.lowerBound], name[mark.upperBound...])
            return parameter.hasPrefix(prefix) && parameter.hasSuffix(suffix)
                && parameter.count > prefix.count + suffix.count
        }
    }

    /// A part of the table.
    package struct Section: Sendable {
        package let title: String
        package let rows: [Row]
    }

    /// All parts, in the order of the documentation.
    package static let sections = [identity, network, cache, kernel, presentation, process]

    /// The row of a parameter; `nil` for names that the stock client does not know either.
    package static func row(of parameter: String) -> Row? {
        for section in sections {
            if let row = section.rows.first(where: { $0.describes(parameter) }) { return row }
        }
        return nil
    }

    /// One line for each parameter that is set to something and has no effect, or another one than where it comes from.
    package static func warnings(for parameters: ParameterSet) -> [String] {
        parameters.entries.sorted { $0.key < $1.key }.compactMap { name, entry in
            guard case .ignored(let reason)? = row(of: name)?.treatment, !entry.value.isEmpty else {
                return nil
            }
            return "\(name) (\(entry.origin)) has no effect: \(reason)"
        }
    }

    /// The table as a page of the documentation.
    package static var markdown: String {
        var lines = [
            "# Parameters of the CVMFS client",
            "",
            "<!-- Made by `wharf client config --print-reference`; a test compares it with the code. -->",
            "",
            "A node that is configured for CVMFS needs nothing new: `wharf mount` reads the same files in `/etc/cvmfs`, in the same",
            "order. Each parameter is listed here. One without an effect is named in the log when a mount starts and it is set.",
        ]
        for section in sections {
            lines += ["", "## \(section.title)", "", "| Parameter | Meaning | Here |", "|---|---|---|"]
            lines += section.rows.map { "| `\($0.name)` | \($0.meaning) | \($0.treatment.text) |" }
        }
        return lines.joined(separator: "\n") + "\n"
    }
}

extension ParameterTable.Treatment {
    /// What a person reads.
    package var text: String {
        switch self {
        case .honoured: "honoured"
        case .differs(let how): "honoured; \(how)"
        case .ignored(let reason): "ignored: \(reason)"
        }
    }
}
