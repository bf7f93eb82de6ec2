// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

package import MetadataStore

/// The port for conditions on the images themselves, such as a signature that somebody must have made.
///
/// Asked before anything of an image is published, and again whenever something that refers to it comes or goes. All digests
/// on the way have been checked: the manifests are what the tag names, and the referrers are what the registry was given.
package protocol PublicationPolicy: Sendable {
    /// Why an image must not be published, as users read it; `nil` if it may.
    ///
    /// - Throws: what keeps the question from being answered; it is then asked again later.
    func refusal(
        of subject: PublicationSubject,
        _ referrers: ImageReferrers,
        _ record: PublicationRecord
    ) throws -> String?
}

/// The policy that asks for nothing.
package struct EveryImage: PublicationPolicy {
    package init() {}

    package func refusal(
        of subject: PublicationSubject,
        _ referrers: ImageReferrers,
        _ record: PublicationRecord
    ) -> String? { nil }
}
