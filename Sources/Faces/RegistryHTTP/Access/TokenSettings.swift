// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import HTTPDelivery
internal import Hummingbird

/// Where clients find the token service.
package struct TokenSettings: Hashable, Sendable {
    /// The path of the token service.
    package static let path = "/service/token"

    /// The URL of this server as clients see it; by default what each request says.
    package var externalURL: String?

    /// Takes the configured URL.
    package init(externalURL: String? = nil) { self.externalURL = externalURL }

    func realm(_ request: Request, _ context: SiteContext) -> String {
        ClientURL(request, context, configured: externalURL).base + Self.path
    }
}
