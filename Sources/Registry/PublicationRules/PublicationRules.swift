// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

package import OCISpec

/// Which tags of a project are published, and where.
///
/// Rules are asked in a fixed order, and the first that withholds a tag gives the reason: `publish`, `latest-only`,
/// `include`, `exclude`, `newest`. The rule `newest` counts only tags that all others let through.
package struct PublicationRules: Hashable, Sendable {
    /// Whether anything of the project is published.
    package var isOn = true
    /// The published repository; `nil` for the one that is the server's usual.
    package var repository: String?
    /// Only tags that match one of these; all if empty.
    package var include: [TagPattern] = []
    /// No tag that matches one of these.
    package var exclude: [TagPattern] = []
    /// Only these platforms of an index, as published paths name them; all if empty.
    package var platforms: [String] = []
    /// Only the tag `latest`.
    package var isLatestOnly = false
    /// Only so many tags of each repository, those that moved last.
    package var newest: Int?
    /// Whether each layer is published by itself, too.
    package var showsLayers = false

    /// Publishes everything.
    package init() {}

    /// A tag, and when it was moved.
    package struct Candidate: Hashable, Sendable {
        package var tag: TagName
        /// In milliseconds since 1970.
        package var moved: Int64

        /// Joins the two.
        package init(tag: TagName, moved: Int64) {
            self.tag = tag
            self.moved = moved
        }
    }

    /// Decides about the tags of one repository.
    ///
    /// - Parameter candidates: all tags of the repository; the order is of no matter.
    /// - Returns: for each tag that is not to be published, why.
    package func withheld(of candidates: [Candidate]) -> [TagName: WithholdingReason] {
        var withheld: [TagName: WithholdingReason] = [:]
        var left: [Candidate] = []
        for candidate in candidates {
            if let reason = reason(toWithhold: candidate.tag) {
                withheld[candidate.tag] = reason
            } else {
                left.append(candidate)
            }
        }
        guard let newest else { return withheld }
        // Of two that moved together, the order of names decides, so that every evaluation says the same.
        let ranked = left.sorted {
            ($1.moved, $0.tag.description) < ($0.moved, $1.tag.description)
        }
        for candidate in ranked.dropFirst(newest) { withheld[candidate.tag] = .notAmongNewest(newest) }
        return withheld
    }

    /// What the rules that look at a tag alone say.
    private func reason(toWithhold tag: TagName) -> WithholdingReason? {
        guard isOn else { return .off }
        if isLatestOnly, tag != .latest { return .notLatest }
        let text = tag.description
        if !include.isEmpty, !include.contains(where: { $0.matches(text) }) { return .notIncluded }
        return exclude.first { $0.matches(text) }.map { .excluded($0) }
    }

    /// Whether a platform of an index is published.
    package func takes(platform: String) -> Bool { platforms.isEmpty || platforms.contains(platform) }
}

/// Which rule of a project keeps a tag from being published.
package enum WithholdingReason: Hashable, Sendable, CustomStringConvertible {
    case off
    case notLatest
    case notIncluded
    case excluded(TagPattern)
    case notAmongNewest(Int)

    /// As users see it: the rule by its key, then what it says.
    package var description: String {
        switch self {
        case .off: "rule publish: the project publishes nothing"
        case .notLatest: "rule latest-only: the project publishes the tag latest alone"
        case .notIncluded: "rule include: no pattern of the project matches the tag"
        case .excluded(let pattern): "rule exclude: the tag matches '\(pattern)'"
        case .notAmongNewest(let count): "rule newest: \(count) newer tags of the repository are published"
        }
    }
}
