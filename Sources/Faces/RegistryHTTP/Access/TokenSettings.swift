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
    /// Whether the server speaks TLS itself.
    package var isSecure: Bool

    /// Takes what is configured.
    package init(externalURL: String? = nil, isSecure: Bool = false) {
        self.externalURL = externalURL
        self.isSecure = isSecure
    }

    func realm(_ request: Request) -> String {
        ClientURL(request, configured: externalURL, isSecure: isSecure).base + Self.path
    }
}
