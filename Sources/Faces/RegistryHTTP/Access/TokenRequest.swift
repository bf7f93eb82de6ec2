// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import AccessControl
internal import HTTPDelivery

/// What a client asks of the token service.
struct TokenRequest {
    /// For whom the token shall be; `nil` if the client does not say.
    var service: String?
    var scopes: [TokenScope]
    /// Whether a refresh token is wanted, too.
    var isOffline: Bool
    /// The name and password of a form; `nil` leaves them to the header.
    var credentials: RequestCredentials?
    var refreshToken: String?

    /// Reads the query of a GET request.
    init(query: RequestTarget) {
        service = query.parameter("service").flatMap { $0.isEmpty ? nil : $0 }
        scopes = TokenScope.list(query.parameters("scope"))
        isOffline = query.parameter("offline_token") == "true"
    }

    /// Reads the form of a POST request; `nil` if it says of no kind of grant that this service has.
    ///
    /// - Source: RFC 6749, sections 4.3.2 and 6.
    init?(form: RequestTarget) {
        self.init(query: form)
        isOffline = form.parameter("access_type") == "offline"
        switch form.parameter("grant_type") {
        case "password":
            guard let name = form.parameter("username"), let secret = form.parameter("password") else {
                return nil
            }
            credentials = .basic(name: name, secret: secret)
        case "refresh_token":
            guard let token = form.parameter("refresh_token") else { return nil }
            refreshToken = token
        default: return nil
        }
    }
}
