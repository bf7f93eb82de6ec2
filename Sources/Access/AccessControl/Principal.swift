// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

/// On whose behalf a request is made.
package enum Principal: Hashable, Sendable {
    /// Nobody in particular.
    case anonymous
    /// A person's account; `isAdministrator` is of the whole system.
    case user(id: Int64, name: String, isAdministrator: Bool)
    /// A program's account.
    case robot(id: Int64, name: String)
    /// Somebody with access to the server's own socket on its machine, who may do everything.
    case localOperator(name: String)

    /// The name in logs and records of changes.
    package var name: String {
        switch self {
        case .anonymous: "anonymous"
        case .user(_, let name, _), .robot(_, let name): name
        case .localOperator(let name): name
        }
    }

    /// Whether the principal may do everything.
    package var isAdministrator: Bool {
        switch self {
        case .user(_, _, let isAdministrator): isAdministrator
        case .localOperator: true
        case .anonymous, .robot: false
        }
    }
}
