// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

/// Something that a run has removed, or that a dry run would.
package struct CollectedItem: Hashable, Sendable, Codable {
    /// `manifest`, `blob`, `tree`, `layer`, `object`.
    package let kind: String
    /// The digest, path or name.
    package let name: String
    /// Of the registry or published; empty for what belongs to all.
    package let repository: String
    /// In bytes, as far as that is known.
    package let size: Int64
    /// Why it goes: one clause.
    package let reason: String

    /// Joins what is known.
    package init(kind: String, name: String, repository: String = "", size: Int64, reason: String) {
        self.kind = kind
        self.name = name
        self.repository = repository
        self.size = size
        self.reason = reason
    }
}
