// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

package import CVMFSFormat
package import CVMFSPublisher
package import CompressionCodecs
package import Digests
package import LayerUnpacking

extension ImagePublisher {
    /// What the publisher works with.
    package struct Configuration: Sendable {
        /// The data directory.
        package var data: String
        /// The CVMFS repository that shows the images of public projects.
        package var repository: RepositoryFQRN
        /// The registry's public name, which appears in published paths.
        package var registry: String
        /// How a repository that does not exist yet is made.
        package var profile: CompressionProfile
        package var algorithm: ContentHashAlgorithm
        package var limits: LayerLimits
        /// How many images the store for podman lists at most; 0 for no store.
        package var podmanImageLimit: Int
        /// How large files are cut.
        package var sizing: ChunkSizing
        /// What holds for the revisions of all repositories.
        package var terms: PublicationTerms

        package init(
            data: String,
            repository: RepositoryFQRN,
            registry: String,
            profile: CompressionProfile = .compact,
            algorithm: ContentHashAlgorithm = .shake128,
            limits: LayerLimits = LayerLimits(),
            podmanImageLimit: Int = 1_000,
            sizing: ChunkSizing = ChunkSizing(),
            terms: PublicationTerms = PublicationTerms()
        ) {
            self.data = data
            self.repository = repository
            self.registry = registry
            self.profile = profile
            self.algorithm = algorithm
            self.limits = limits
            self.podmanImageLimit = podmanImageLimit
            self.sizing = sizing
            self.terms = terms
        }
    }
}
