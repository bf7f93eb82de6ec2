// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

package import OCISpec

/// What a token is asked for, or grants: actions on a repository, or the list of all repositories.
///
/// ```
/// repository:team/app:pull,push       registry:catalog:*
/// ```
/// - Source: Docker token authentication, "requested scope grammar".
package struct TokenScope: Hashable, Sendable, CustomStringConvertible {
    /// What the actions are done to.
    package enum Subject: Hashable, Sendable {
        case repository(RepositoryName)
        case catalog
    }

    package var subject: Subject
    /// For the catalog, `pull` stands for reading it.
    package var actions: RepositoryActions

    /// Joins the two.
    package init(_ subject: Subject, _ actions: RepositoryActions) {
        self.subject = subject
        self.actions = actions
    }

    /// Reads one scope; `nil` for types and names that this registry does not have.
    ///
    /// A name may hold colons, so the first and the last one separate. A class after the type, as in `repository(plugin)`, is
    /// ignored.
    package init?(_ text: some StringProtocol) {
        guard let first = text.firstIndex(of: ":"), let last = text.lastIndex(of: ":"), first < last else {
            return nil
        }
        let type = text[..<first].prefix { $0 != "(" }
        let name = text[text.index(after: first)..<last]
        let words = text[text.index(after: last)...].split(separator: ",")
        switch type {
        case "repository":
            guard let name = RepositoryName(String(name)) else { return nil }
            self.init(.repository(name), RepositoryActions(words: words))
        case "registry":
            guard name == "catalog", words.contains("*") || words.contains("pull") else { return nil }
            self.init(.catalog, .pull)
        default:
            return nil
        }
    }

    /// Reads the values of `scope` parameters, each of which may hold several scopes; those of one subject are joined.
    ///
    /// At most `limit` subjects are read, as a token with more would not fit into a header.
    package static func list(_ texts: some Sequence<String>, limit: Int = 64) -> [TokenScope] {
        var scopes: [TokenScope] = []
        for text in texts.lazy.flatMap({ $0.split(separator: " ") }) {
            guard let scope = TokenScope(text) else { continue }
            if let index = scopes.firstIndex(where: { $0.subject == scope.subject }) {
                scopes[index].actions.formUnion(scope.actions)
            } else if scopes.count < limit {
                scopes.append(scope)
            }
        }
        return scopes
    }

    package var description: String {
        switch subject {
        case .repository(let name): "repository:\(name):\(actions.words.joined(separator: ","))"
        case .catalog: "registry:catalog:*"
        }
    }
}
