// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

/// What the registry's protocol can ask of a repository.
package struct RepositoryActions: OptionSet, Hashable, Sendable {
    package let rawValue: UInt8

    package init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Reading blobs, manifests, tags and referrers.
    package static let pull = RepositoryActions(rawValue: 1)
    /// Uploading blobs, storing manifests, moving tags.
    package static let push = RepositoryActions(rawValue: 2)
    /// Removing tags, manifests and blobs.
    package static let delete = RepositoryActions(rawValue: 4)

    package static let all: RepositoryActions = [.pull, .push, .delete]

    /// The words of a token's scope; `*` is everything.
    package init(words: some Sequence<some StringProtocol>) {
        var actions: RepositoryActions = []
        for word in words {
            switch word {
            case "pull": actions.insert(.pull)
            case "push": actions.insert(.push)
            case "delete": actions.insert(.delete)
            case "*": actions = .all
            // Other words are of other registries.
            default: continue
            }
        }
        self = actions
    }

    /// The words, in the order in which clients write them.
    package var words: [String] {
        [(Self.pull, "pull"), (.push, "push"), (.delete, "delete")].filter { contains($0.0) }.map(\.1)
    }

    /// What the permissions of a project allow the protocol to do.
    ///
    /// Deleting through the protocol removes tags and manifests alike, so it needs the permission for the greater of the
    /// two.
    package init(allowedBy permissions: Set<Permission>) {
        var actions: RepositoryActions = []
        if permissions.contains(Permission(.repository, .pull)) { actions.insert(.pull) }
        if permissions.contains(Permission(.repository, .push)) { actions.insert(.push) }
        if permissions.contains(Permission(.artifact, .delete)) { actions.insert(.delete) }
        self = actions
    }
}
