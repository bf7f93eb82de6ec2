// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

/// A key of the configuration: its names, what it means, and how its text becomes a value.
///
/// The table is in `ConfigurationKey+Table.swift`, the forms of values in `ConfigurationKey+Forms.swift`.
struct ConfigurationKey: Sendable {
    /// Dotted camelCase.
    let name: String
    /// What the key does, as a sentence of the reference page.
    let summary: String
    /// What may be written: `a time from 1m`.
    let form: String
    /// The default as it would be written; `nil` where there is none.
    let standard: String?
    /// Sets the value; returns what is wrong with the text, if anything.
    let set: @Sendable (inout ServerConfiguration, String) -> String?

    /// The key of a name.
    static func named(_ name: String) -> ConfigurationKey? { all.first { $0.name == name } }

    /// The environment's form: `_` at dots and before capitals.
    var environmentName: String {
        var result = "WHARF_"
        for character in name {
            if character == "." {
                result += "_"
            } else {
                if character.isUppercase { result += "_" }
                result += character.uppercased()
            }
        }
        return result
    }
}
