// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import OCISpec

/// An answer of the registry, as it came and as values.
struct ImageAnswer {
    let bytes: [UInt8]
    let server: String

    var text: String { String(decoding: bytes, as: UTF8.self) }

    func statuses() throws(ImageServiceProblem) -> [ImageStatusView] {
        guard let elements = try value().array else { throw notUnderstood }
        return try elements.map { (element) throws(ImageServiceProblem) in try view(element) }
    }

    func status() throws(ImageServiceProblem) -> ImageStatusView { try view(value()) }

    func differences() throws(ImageServiceProblem) -> [String] {
        guard let lines = try value().object?["differences"]?.array else { throw notUnderstood }
        return lines.compactMap(\.string)
    }

    private func view(_ value: JSONValue) throws(ImageServiceProblem) -> ImageStatusView {
        guard let object = value.object, let view = ImageStatusView(object) else { throw notUnderstood }
        return view
    }

    private func value() throws(ImageServiceProblem) -> JSONValue {
        do { return try JSONValue(parsing: bytes) } catch { throw notUnderstood }
    }

    private var notUnderstood: ImageServiceProblem {
        ImageServiceProblem(
            code: .badAnswer,
            message: "the server at \(server) gave an answer that is not understood",
            remedy: "check that it is a Wharf server of this version"
        )
    }
}

/// What a registry says of one tag.
struct ImageStatusView {
    let reference: String
    let state: String
    private let members: JSONObject

    init?(_ members: JSONObject) {
        guard let reference = members["reference"]?.string, let state = members["state"]?.string else {
            return nil
        }
        self.reference = reference
        self.state = state
        self.members = members
    }

    /// One line: state, reference, and what matters most in that state.
    var line: String {
        let padded = state + String(repeating: " ", count: max(1, 12 - state.count))
        return padded + reference + (remark.map { "  " + $0 } ?? "")
    }

    private var remark: String? {
        switch state {
        case "published": revision.map { "revision \($0)" }
        case "ingesting": members["reason"]?.string ?? layers
        default: members["error"]?.string ?? members["reason"]?.string
        }
    }

    private var revision: Int64? { members["revision"]?.integer }

    private var layers: String? {
        guard let layers = members["layers"]?.object, let done = layers["done"]?.integer,
            let total = layers["total"]?.integer
        else { return nil }
        return "layer \(done) of \(total)"
    }

    /// Everything, one line a fact.
    var details: [String] {
        var lines = ["reference   \(reference)", "state       \(state)"]
        func add(_ label: String, _ value: String?) {
            guard let value else { return }
            lines.append(label + String(repeating: " ", count: 12 - label.count) + value)
        }
        add("digest", members["digest"]?.string)
        add("reason", members["reason"]?.string)
        add("error", members["error"]?.string)
        if state == "ingesting" { add("layers", layers) }
        add("path", members["path"]?.string)
        add("repository", members["repository"]?.string)
        add("revision", revision.map(String.init))
        for warning in members["warnings"]?.array ?? [] {
            guard let kind = warning.object?["kind"]?.string, let path = warning.object?["path"]?.string
            else { continue }
            add("warning", "\(kind) \(path)")
        }
        return lines
    }

    /// One line of JSON with the members that change.
    var json: String {
        let fields = [("reference", reference), ("state", state), ("remark", remark ?? "")]
        return "{" + fields.map { "\"\($0)\":\"\(Self.escaped($1))\"" }.joined(separator: ",") + "}"
    }

    private static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": result += "\\\(scalar)"
            case _ where scalar.value < 0x20: result += " "
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
