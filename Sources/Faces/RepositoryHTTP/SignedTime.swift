// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

/// The time of publication within a signed manifest: the line `T1700000000`.
///
/// - Source: cvmfs-format B.1.
enum SignedTime {
    /// Seconds since 1970; `nil` if there is no such line before the signature.
    static func read(_ manifest: [UInt8]) -> Int64? {
        for line in manifest.split(separator: UInt8(ascii: "\n")) {
            if line.elementsEqual("--".utf8) { return nil }
            guard line.first == UInt8(ascii: "T") else { continue }
            return Int64(String(decoding: line.dropFirst(), as: UTF8.self))
        }
        return nil
    }
}
