// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import Foundation
internal import Yams

/// Where values come from, in falling order of precedence: flags, environment, file.
package struct ConfigurationSources: Sendable {
    /// By the key's name.
    package var flags: [String: String]
    package var environment: [String: String]
    /// The path of the YAML file.
    package var file: String?

    /// Takes the sources as they are.
    package init(flags: [String: String], environment: [String: String], file: String?) {
        self.flags = flags
        self.environment = environment
        self.file = file
    }

    /// Reads everything and reports all faults at once.
    package func configuration() throws(ConfigurationProblem) -> ServerConfiguration {
        var configuration = ServerConfiguration()
        var faults: [String] = []
        let fileValues = fileValues(&faults)
        for key in ConfigurationKey.all {
            let (text, place): (String, String)
            if let flag = flags[key.name] {
                (text, place) = (flag, "--\(key.name)")
            } else if let value = environment[key.environmentName] {
                (text, place) = (value, key.environmentName)
            } else if let value = fileValues[key.name] {
                (text, place) = (value.text, "\(value.place): \(key.name)")
            } else {
                continue
            }
            if let fault = key.set(&configuration, text) { faults.append("\(place) '\(text)' \(fault)") }
        }
        if (configuration.certificateFile == nil) != (configuration.keyFile == nil) {
            faults.append("tls.certificateFile and tls.keyFile: one is set without the other")
        }
        guard faults.isEmpty else { throw ConfigurationProblem(faults: faults) }
        return configuration
    }

    // MARK: The file

    private struct Value {
        var text: String
        var place: String
    }

    private func fileValues(_ faults: inout [String]) -> [String: Value] {
        guard let file else { return [:] }
        guard let data = FileManager.default.contents(atPath: file),
            let text = String(data: data, encoding: .utf8)
        else {
            faults.append("\(file): cannot be read as a text in UTF-8")
            return [:]
        }
        do {
            guard let root = try Yams.compose(yaml: text) else { return [:] }
            var values: [String: Value] = [:]
            collect(root, prefix: "", file: file, into: &values, &faults)
            return values
        } catch {
            faults.append("\(file): \(error)")
            return [:]
        }
    }

    private func collect(
        _ node: Node,
        prefix: String,
        file: String,
        into values: inout [String: Value],
        _ faults: inout [String]
    ) {
        let place = "\(file), line \(node.mark?.line ?? 1)"
        switch node {
        case .mapping(let mapping):
            for (key, value) in mapping {
                let name = prefix + (key.string ?? "?")
                let isGroup = ConfigurationKey.all.contains { $0.name.hasPrefix(name + ".") }
                guard isGroup || ConfigurationKey.named(name) != nil else {
                    faults.append("\(file), line \(key.mark?.line ?? 1): unknown key '\(name)'")
                    continue
                }
                collect(value, prefix: name + (isGroup ? "." : ""), file: file, into: &values, &faults)
            }
        case .scalar(let scalar) where ConfigurationKey.named(prefix) != nil:
            values[prefix] = Value(text: scalar.string, place: place)
        default:
            faults.append("\(place): '\(prefix)' has the wrong type")
        }
    }
}
