// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

/// What the server does at the moment; it can be changed while it runs.
package final class OperatingMode: Sendable {
    private let readOnly: Atomic<Bool>

    /// Begins as the configuration says.
    package init(isReadOnly: Bool) { readOnly = Atomic(isReadOnly) }

    /// Whether pushes and deletions are refused.
    package var isReadOnly: Bool {
        get { readOnly.load(ordering: .relaxed) }
        set { readOnly.store(newValue, ordering: .relaxed) }
    }
}
