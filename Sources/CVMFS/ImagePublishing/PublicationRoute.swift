// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import AccessControl
package import CVMFSFormat
package import MetadataStore
package import OCISpec
package import PublicationRules

/// Where the images of a registry's repository are shown, if anywhere.
package enum PublicationRoute: Hashable, Sendable {
    /// In a CVMFS repository, by these rules.
    case shown(in: RepositoryFQRN, rules: PublicationRules)
    /// Nowhere, for a reason that users read.
    case withheld(String)
}

/// Decides where images are shown.
///
/// What only some may pull must never be where everybody can read it: a private project publishes only into a repository
/// that was made for it, and no other project publishes there.
package struct PublicationRouting: Sendable {
    /// The CVMFS repository of projects that name none.
    package let usual: RepositoryFQRN

    package init(usual: RepositoryFQRN) { self.usual = usual }

    /// The route of a tag: by what was decided about it, else by the rules of its project.
    package func route(
        of record: PublicationRecord,
        _ transaction: any MetadataTransaction
    ) throws -> PublicationRoute {
        let route = try route(of: record.repository, transaction)
        guard case .shown(_, let rules) = route else { return route }
        switch record.wish {
        case .publish?: return route
        case .unpublish?: return .withheld("it was unpublished by name")
        case nil:
            var candidates = [PublicationRules.Candidate(tag: record.tag, moved: 0)]
            // Only this rule is about more than one tag.
            if rules.newest != nil, let row = try transaction.repository(named: record.repository) {
                candidates = try transaction.movedTags(in: row)
            }
            let withheld = rules.withheld(of: candidates)
            return withheld[record.tag].map { .withheld($0.description) } ?? route
        }
    }

    /// Where the images of a repository go, whatever their tags.
    package func route(
        of repository: RepositoryName,
        _ transaction: any MetadataTransaction
    ) throws -> PublicationRoute {
        guard let project = try transaction.project(named: ProjectName(of: repository)) else {
            return .withheld("its project does not exist any more")
        }
        let rules = try transaction.publicationRules(of: project)
        guard let home = rules.repository.map({ RepositoryFQRN($0) }) ?? usual else {
            return .withheld("'\(rules.repository ?? "")' is no name of a repository")
        }
        let owner = try transaction.owner(ofPublished: home.name)
        if owner == project.name { return .shown(in: home, rules: rules) }
        guard project.isPublic else {
            return .withheld(
                rules.repository == nil
                    ? "its project is private"
                    : "its project is private, and the repository '\(home)' is not its own"
            )
        }
        guard owner == nil else { return .withheld("the repository '\(home)' belongs to another project") }
        return .shown(in: home, rules: rules)
    }
}
