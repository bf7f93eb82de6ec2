// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import PublicationRules

extension PublicationSubject {
    /// What the rules of a project leave of an index: the platforms that they name.
    func taking(_ rules: PublicationRules) -> PublicationSubject {
        guard case .index(let bytes, let images) = self else { return self }
        let taken = images.filter { rules.takes(platform: $0.platform.description) }
        guard taken.isEmpty else { return .index(bytes: bytes, images: taken) }
        let there = images.map(\.platform.description).joined(separator: ", ")
        return .notAnImage(
            reason: "rule platforms: the index has none of the project's platforms, but \(there)"
        )
    }
}
