// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CVMFSFormat

/// The revision that a manifest states, without trusting it.
package enum VisibleRevision {
    /// The number in a `.cvmfspublished`; `nil` if it is none.
    package static func number(of file: [UInt8]) -> UInt64? {
        // What is no manifest has no revision.
        guard let letter = try? SignedLetter(file), let manifest = try? PublishedManifest(text: letter.text)
        else {
            return nil
        }
        return manifest.revision
    }
}
