// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The checkout that these tests were built from.
enum Checkout {
    /// Its root, three folders above this file's.
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    /// A text file of the checkout.
    struct File {
        /// The path from the root, with `/`.
        let path: String
        let text: String

        /// The lines with their numbers, from 1.
        var lines: [(number: Int, text: Substring)] {
            text.split(separator: "\n", omittingEmptySubsequences: false).enumerated().map { ($0 + 1, $1) }
        }

        var name: Substring { path.split(separator: "/").last ?? "" }
    }

    /// The files below a folder whose names end in one of the suffixes, in the order of their paths.
    static func files(below folder: String, suffixes: [String]) throws -> [File] {
        let base = root.appending(path: folder)
        guard let walk = FileManager.default.enumerator(atPath: base.path()) else { return [] }
        let names = walk.compactMap { $0 as? String }.filter { name in
            !name.hasPrefix(".") && suffixes.contains { name.hasSuffix($0) }
        }
        return try names.sorted().map { name in
            File(path: "\(folder)/\(name)", text: try text(of: "\(folder)/\(name)"))
        }
    }

    /// The content of one file.
    static func text(of path: String) throws -> String {
        String(decoding: try Data(contentsOf: root.appending(path: path)), as: UTF8.self)
    }

    /// Whether there is a file or a folder at a path from the root.
    static func exists(_ path: String) -> Bool {
        FileManager.default.fileExists(atPath: root.appending(path: path).standardized.path())
    }
}
