// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

/// One thing that somebody may do to one kind of thing.
///
/// Written `resource:action`, with the words of Harbor's management API.
package struct Permission: Hashable, Sendable, CustomStringConvertible, LosslessStringConvertible {
    /// The kinds of thing that permissions are about.
    package enum Resource: String, CaseIterable, Sendable {
        case project
        case member
        case metadata
        case log
        case repository
        case artifact
        case tag
        case accessory
        case artifactAddition = "artifact-addition"
        case artifactLabel = "artifact-label"
        case label
        case tagRetention = "tag-retention"
        case immutableTag = "immutable-tag"
        case robot
        case webhookPolicy = "notification-policy"
        case scan
        case sbom
        case scanner
        case quota
        case configuration
        case preheatPolicy = "preheat-policy"
        case exportCVE = "export-cve"
        /// The list of all repositories; of the whole system.
        case catalog
        /// The records of changes; of the whole system.
        case auditLog = "audit-log"
        /// Accounts of people; of the whole system.
        case user
    }

    /// What is done.
    package enum Action: String, CaseIterable, Sendable {
        case create, read, update, delete, list, stop, operate, pull, push

        /// The letter that stands for the action in `PermissionTable`; pulling and pushing are written out there.
        var letter: Character? {
            switch self {
            case .create: "C"
            case .read: "R"
            case .update: "U"
            case .delete: "D"
            case .list: "L"
            case .stop: "S"
            case .operate: "O"
            case .pull, .push: nil
            }
        }
    }

    package let resource: Resource
    package let action: Action

    /// Joins the two.
    package init(_ resource: Resource, _ action: Action) {
        self.resource = resource
        self.action = action
    }

    /// Reads `resource:action`; `nil` for words that are not known.
    package init?(_ text: String) {
        let words = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        guard words.count == 2, let resource = Resource(rawValue: words[0]),
            let action = Action(rawValue: words[1])
        else { return nil }
        self.init(resource, action)
    }

    package var description: String { "\(resource.rawValue):\(action.rawValue)" }
}
