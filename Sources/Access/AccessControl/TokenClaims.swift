// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

package import OCISpec

/// What a token says: who, what for, and how long.
package struct TokenClaims: Hashable, Sendable {
    /// On whose behalf it was issued; not whether that account still exists.
    package var principal: PrincipalReference
    /// What it was issued for.
    package var scopes: [TokenScope]
    /// When it ends, in seconds since 1970.
    package var expires: Int64

    /// Joins the parts.
    package init(principal: PrincipalReference, scopes: [TokenScope], expires: Int64) {
        self.principal = principal
        self.scopes = scopes
        self.expires = expires
    }

    /// What the token allows on a repository, if its principal still has the right.
    package func actions(on repository: RepositoryName) -> RepositoryActions {
        scopes.first { $0.subject == .repository(repository) }?.actions ?? []
    }

    /// Whether the token allows to read the list of repositories.
    package var allowsCatalog: Bool { scopes.contains { $0.subject == .catalog } }
}

/// A principal as a token names it: by number and version, as the account behind may have changed since.
package enum PrincipalReference: Hashable, Sendable {
    case anonymous
    case user(id: Int64, credentialVersion: Int64)
    case robot(id: Int64, credentialVersion: Int64)

    /// Reads what `description` writes, else `nil`.
    package init?(_ text: String) {
        let words = text.split(separator: ":", omittingEmptySubsequences: false)
        if words == ["anonymous"] {
            self = .anonymous
            return
        }
        guard words.count == 3, let id = Int64(words[1]), let version = Int64(words[2]) else { return nil }
        switch words[0] {
        case "user": self = .user(id: id, credentialVersion: version)
        case "robot": self = .robot(id: id, credentialVersion: version)
        default: return nil
        }
    }

    /// `user:7:2`, `robot:3:1` or `anonymous`.
    package var description: String {
        switch self {
        case .anonymous: "anonymous"
        case .user(let id, let version): "user:\(id):\(version)"
        case .robot(let id, let version): "robot:\(id):\(version)"
        }
    }
}
