// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import AccessControl
package import CVMFSFormat
package import MetadataStore
package import OCISpec

/// Where the images of a registry's repository are shown, if anywhere.
package enum PublicationRoute: Hashable, Sendable {
    /// In a CVMFS repository.
    case shown(in: RepositoryFQRN)
    /// Nowhere, for a reason that users read.
    case withheld(String)
}

/// Decides where images are shown.
package struct PublicationRouting: Sendable {
    /// The CVMFS repository that shows the images of public projects.
    package let usual: RepositoryFQRN

    package init(usual: RepositoryFQRN) { self.usual = usual }

    /// The route of a repository's images.
    ///
    /// The tree is open to everybody, so that what only some may pull must never be in it.
    package func route(
        of repository: RepositoryName,
        _ transaction: any MetadataTransaction
    ) throws -> PublicationRoute {
        guard try transaction.project(named: ProjectName(of: repository))?.isPublic ?? false else {
            return .withheld("its project is private")
        }
        return .shown(in: usual)
    }
}
