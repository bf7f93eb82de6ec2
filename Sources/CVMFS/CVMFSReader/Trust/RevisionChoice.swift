// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CVMFSCatalog
internal import CVMFSFormat
package import Digests

/// Which revision of a repository is wanted.
package enum RevisionChoice: Sendable, Equatable {
    /// The newest one, again and again.
    case newest
    /// The one that a tag names when it is looked up.
    case tag(String)
    /// The newest one that was not younger than a point in time, in unix seconds.
    case date(Int64)
    /// The one with this root catalog, trusted for its name alone: no signed file is looked at.
    case root(ContentHash)
}

/// A revision that was chosen.
package struct ChosenRevision: Sendable {
    /// The verified manifest that it was found by; `nil` for a root catalog that was named.
    package let head: RepositoryReader.Head?
    package let root: ContentHash
    /// The number of the revision; `nil` if only the root catalog says it.
    package let number: UInt64?
    /// The tag that was looked up; empty for none.
    package let tag: String
}

extension RepositoryReader {
    /// Finds a revision.
    ///
    /// - Throws: `ReaderProblem`: what keeps the manifest from being trusted, `noHistory`, `unknownTag`.
    /// - Source: cvmfs-format D.3, D.4.
    package func choose(_ choice: RevisionChoice) throws(ReaderProblem) -> ChosenRevision {
        if case .root(let hash) = choice {
            return ChosenRevision(head: nil, root: hash, number: nil, tag: "")
        }
        guard let head = try head() else {
            throw ReaderProblem(.unreachable, "the server did not send the manifest of \(repository)")
        }
        let found: NamedSnapshot
        switch choice {
        case .tag(let tag): found = try snapshot(tag, of: head)
        case .date(let date): found = try snapshot(notAfter: date, of: head)
        case .newest, .root:
            let manifest = head.manifest.manifest
            return ChosenRevision(
                head: head,
                root: manifest.rootCatalog,
                number: manifest.revision,
                tag: ""
            )
        }
        return ChosenRevision(head: head, root: found.rootCatalog, number: found.revision, tag: found.name)
    }

    private func snapshot(notAfter date: Int64, of head: Head) throws(ReaderProblem) -> NamedSnapshot {
        let candidates = try history(of: head).snapshots.filter { $0.branch.isEmpty && $0.timestamp <= date }
        guard let newest = candidates.max(by: { $0.revision < $1.revision }) else {
            let time = CalendarTime(unixSeconds: date).iso8601
            throw ReaderProblem(.unknownTag, "\(repository) has no tag that is as old as \(time)")
        }
        return newest
    }
}
