// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

/// The name of a repository as a directory: a domain name such as `unpacked.example.org`.
///
/// - Source: cvmfs-format A.1.
enum RepositoryDirectoryName {
    /// Whether a text is such a name, and so can be no path.
    static func isValid(_ text: String) -> Bool {
        guard (1...255).contains(text.utf8.count), !text.hasPrefix("."), !text.hasSuffix("."),
            !text.contains("..")
        else { return false }
        return text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"),
                UInt8(ascii: "_"):
                true
            default: false
            }
        }
    }
}
