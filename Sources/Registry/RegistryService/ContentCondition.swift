// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

package import Digests
internal import MetadataStore
internal import OCISpec

/// What a tag or digest must name for a change to happen, so that of two clients that read, change and write a tag, the
/// second notices the first.
///
/// It is asked within the transaction that makes the change.
package struct ContentCondition: Sendable {
    private let holds: @Sendable (OCIDigest?) -> Bool

    /// Takes the decision by the digest that the reference names now, `nil` if it names nothing.
    package init(_ holds: @escaping @Sendable (OCIDigest?) -> Bool) { self.holds = holds }

    func check(
        _ reference: Reference,
        in repository: RepositoryRecord,
        _ transaction: any MetadataTransaction
    ) throws {
        let current: OCIDigest? =
            switch reference {
            case .tag(let tag): try transaction.tag(tag, in: repository)
            case .digest(let digest):
                try transaction.manifestSize(digest, in: repository).map { _ in digest }
            }
        guard !holds(current) else { return }
        throw RegistryProblem(
            .conditionFailed,
            "'\(reference)' names \(current?.description ?? "nothing") now, which the request has excluded"
        )
    }
}
