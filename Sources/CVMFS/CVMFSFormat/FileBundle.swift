// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import FoundationEssentials
internal import Problems

/// The files that a start touches, written down beside the one that it touches first, so that clients can fetch them at once.
///
/// A JSON object in the file `.cvmfsbundle-<name>` of the directory of `<name>`:
///
/// | member | value |
/// |---|---|
/// | `name` | `CVMFS_BUNDLE` |
/// | `version` | `1.0.0` |
/// | `encoding` | `UTF-8` |
/// | `dependencies` | paths from the repository's root, each with a slash in front |
package struct FileBundle: Sendable, Equatable {
    /// Names of bundles begin with this.
    package static let prefix = ".cvmfsbundle-"
    /// No file is longer.
    package static let sizeLimit = 4 << 20
    /// No bundle names more files.
    package static let dependencyLimit = 50_000

    /// Paths by their components, in the order of the file.
    package let dependencies: [[[UInt8]]]

    /// A bundle of paths, of which those that cannot be written down are left out.
    package init(paths: [String]) {
        dependencies = paths.prefix(Self.dependencyLimit).compactMap { try? Self.components(of: $0) }
    }

    /// Reads a file.
    ///
    /// - Throws: `malformed`, `tooLarge`, `badPath`.
    package init(_ bytes: [UInt8]) throws(FileBundleProblem) {
        guard bytes.count <= Self.sizeLimit else {
            throw FileBundleProblem(.tooLarge, "has \(bytes.count) bytes")
        }
        let document: Document
        do { document = try JSONDecoder().decode(Document.self, from: Data(bytes)) } catch {
            throw FileBundleProblem(.malformed, "is no object with a list of dependencies", cause: error)
        }
        guard document.name == "CVMFS_BUNDLE", document.version == "1.0.0", document.encoding == "UTF-8"
        else {
            throw FileBundleProblem(.malformed, "is of another kind or version")
        }
        guard document.dependencies.count <= Self.dependencyLimit else {
            throw FileBundleProblem(.tooLarge, "names \(document.dependencies.count) files")
        }
        var list: [[[UInt8]]] = []
        for path in document.dependencies { list.append(try Self.components(of: path)) }
        dependencies = list
    }

    /// The file's content, one dependency on each line.
    package var text: String {
        let lines = dependencies.map { components in
            "    " + Self.quoted(components.map { "/" + String(decoding: $0, as: UTF8.self) }.joined())
        }
        return """
            {
              "name": "CVMFS_BUNDLE",
              "version": "1.0.0",
              "encoding": "UTF-8",
              "dependencies": [
            \(lines.joined(separator: ",\n"))
              ]
            }

            """
    }

    private struct Document: Decodable {
        let name: String
        let version: String
        let encoding: String
        let dependencies: [String]
    }

    private static func components(of path: String) throws(FileBundleProblem) -> [[UInt8]] {
        let parts = path.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).map {
            Array($0)
        }
        guard path.utf8.count <= 4096, parts.count > 1, parts[0].isEmpty,
            parts.dropFirst().allSatisfy({ isName($0) })
        else {
            throw FileBundleProblem(.badPath, "names '\(path.prefix(100))', which is no path from the root")
        }
        return Array(parts.dropFirst())
    }

    private static func isName(_ name: [UInt8]) -> Bool {
        !name.isEmpty && name.count <= 255 && !name.contains(0) && name != [UInt8(ascii: ".")]
            && name != [UInt8(ascii: "."), UInt8(ascii: ".")]
    }

    /// - Source: RFC 8259, section 7.
    private static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": quoted += "\\\(scalar)"
            case _ where scalar.value < 0x20:
                let digits = String(scalar.value, radix: 16)
                quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}

/// What is wrong with a bundle.
package struct FileBundleProblem: Problem {
    /// The kinds of problem.
    package enum Code: String, CaseIterable, Sendable {
        case malformed = "malformed-bundle"
        case tooLarge = "bundle-too-large"
        case badPath = "bad-bundle-path"
    }

    package let code: Code
    package let message: String
    package let cause: (any Error)?

    init(_ code: Code, _ what: String, cause: (any Error)? = nil) {
        self.code = code
        message = "the bundle " + what
        self.cause = cause
    }

    package var identifier: String { code.rawValue }
    package var remedy: String? { "make it anew with 'wharf client trace'" }
}
