// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

package import MetadataStore

/// The run that is under way, and those before it.
package struct CollectionState: Codable, Sendable {
    package var current: CollectionRun?
    /// Newest first.
    package var runs: [CollectionRun]
}

extension CollectionDesk {
    /// What people are shown; blocks.
    package func overview() throws -> CollectionState {
        CollectionState(current: current, runs: try history(limit: 20))
    }
}
