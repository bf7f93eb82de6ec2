// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

package import HTTPFetching
internal import Synchronization
package import TransferPlanning

/// A source that another one can take the place of while it is in use.
///
/// What is under way ends with the source that it began with.
package final class ReplaceableSource: RepositorySource {
    private let current: Mutex<any RepositorySource>

    /// Begins with a source.
    package init(_ source: any RepositorySource) { current = Mutex(source) }

    /// Uses another source from now on.
    package func replace(by source: any RepositorySource) { current.withLock { $0 = source } }

    private var source: any RepositorySource { current.withLock { $0 } }

    package var label: String { source.label }
    package var isNearby: Bool { source.isNearby }
    package var status: TransferStatus { source.status }

    package func fetch(
        _ path: String,
        range: ClosedRange<Int64>?,
        validator: Validator?,
        weight: TransferWeight,
        into receiver: any ContentReceiver
    ) throws -> FetchOutcome {
        try source.fetch(path, range: range, validator: validator, weight: weight, into: receiver)
    }

    package func ahead<Result>(_ body: () throws -> Result) rethrows -> Result { try source.ahead(body) }

    package func obey(_ order: TransferOrder) { source.obey(order) }

    package func contains(_ path: String) throws -> Bool { try source.contains(path) }
}
