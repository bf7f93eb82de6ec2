// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import Digests

/// The name of an upload in progress: 32 lower-case hexadecimal digits that nobody can guess.
package struct UploadID: Hashable, Sendable, CustomStringConvertible, LosslessStringConvertible {
    package let description: String

    /// Accepts exactly 32 lower-case digits, else `nil`; so the name is safe as a file's.
    package init?(_ text: String) {
        guard text.utf8.count == 32, Hexadecimal.bytes(of: text) != nil else { return nil }
        description = text
    }

    /// Draws a new name.
    package init(using generator: inout some RandomNumberGenerator) {
        let bytes = (0..<16).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
        description = Hexadecimal.text(of: bytes)
    }
}
