// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

package import OCISpec

/// The name of a project: the first component of the names of its repositories.
///
/// One or more lower-case letters and digits, separated by single `.`, `_`, `__` or runs of `-`; at most 255 bytes.
/// - Source: OCI distribution specification 1.1, "pulling manifests", grammar of a name's component.
package struct ProjectName: Hashable, Sendable, Comparable, CustomStringConvertible, LosslessStringConvertible
{
    package let description: String

    /// Accepts exactly the grammar, else `nil`.
    package init?(_ text: String) {
        guard let name = RepositoryName(text), name.components.count == 1 else { return nil }
        description = text
    }

    /// The project to which a repository belongs.
    package init(of repository: RepositoryName) {
        description = String(repository.components.first ?? "")
    }

    package static func < (left: Self, right: Self) -> Bool {
        left.description.utf8.lexicographicallyPrecedes(right.description.utf8)
    }
}
