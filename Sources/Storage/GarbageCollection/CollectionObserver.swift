// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

package import MetadataStore

/// Who watches a run.
///
/// Both calls come from the thread of the run. What `progress` throws ends the run where it stands; the next one goes on.
package struct CollectionObserver {
    /// Told after each batch.
    package var progress: (CollectionRun) throws -> Void
    /// Told of everything that went, or would go.
    package var item: (CollectedItem) -> Void

    /// Joins two listeners.
    package init(
        progress: @escaping (CollectionRun) throws -> Void,
        item: @escaping (CollectedItem) -> Void
    ) {
        self.progress = progress
        self.item = item
    }
}
