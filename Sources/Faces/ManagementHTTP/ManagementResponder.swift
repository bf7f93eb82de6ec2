// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

package import HTTPDelivery
package import Hummingbird

/// Everything below `/api`.
package struct ManagementResponder: HTTPResponder {
    package typealias Context = SiteContext

    private let images: ImagesResponder
    private let repositories: RepositoriesResponder
    private let access: AccessResponder

    package init(images: ImagesResponder, repositories: RepositoriesResponder, access: AccessResponder) {
        self.images = images
        self.repositories = repositories
        self.access = access
    }

    package func respond(to request: Request, context: SiteContext) async throws -> Response {
        let segments = RequestTarget(request.head.path ?? "")?.segments ?? []
        if segments.starts(with: AccessResponder.prefix) {
            return try await access.respond(to: request, context: context)
        }
        guard segments.starts(with: ["api", "v2.0", "wharf", "repositories"]) else {
            return try await images.respond(to: request, context: context)
        }
        return try await repositories.respond(to: request, context: context)
    }
}
