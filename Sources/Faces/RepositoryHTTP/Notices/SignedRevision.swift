// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

/// A signed manifest with what a server needs to know of it.
package struct SignedRevision: Hashable, Sendable {
    /// The line `S`.
    package let revision: UInt64
    /// The content of `.cvmfspublished`.
    package let letter: [UInt8]

    /// Reads a letter; `nil` if no revision stands before the signature.
    init?(letter: [UInt8]) {
        guard let text = SignedLine.read("S", of: letter), let revision = UInt64(text) else { return nil }
        self.revision = revision
        self.letter = letter
    }
}

/// A line of a signed manifest: a letter and its value, such as `S42` or `T1700000000`.
///
/// - Source: cvmfs-format B.1.
enum SignedLine {
    /// The value of the last line that begins with `key`; `nil` if there is none before the signature.
    static func read(_ key: Unicode.Scalar, of manifest: [UInt8]) -> String? {
        var value: String?
        for line in manifest.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            if line.elementsEqual("--".utf8) { return value }
            guard line.first == UInt8(ascii: key) else { continue }
            value = String(decoding: line.dropFirst(), as: UTF8.self)
        }
        return nil
    }
}
