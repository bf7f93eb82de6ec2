// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

package import MetadataStore

/// Everything that a face needs to know whom it talks to and what they may do.
package struct AccessServices: Sendable {
    /// How access is granted.
    package struct Configuration: Hashable, Sendable {
        /// This registry's name in tokens.
        package var service: String
        /// `access.tokenLifetime`: how long a token is good.
        ///
        /// Default `5m`, from `1m` to `1d`.
        package var tokenLifetime = Duration.seconds(300)
        /// `access.refreshTokenLifetime`: how long a client can go on without the password.
        ///
        /// Default `90d`, from `1h`.
        package var refreshTokenLifetime = Duration.seconds(90 * 86_400)
        /// `access.tokenKeyRotation`: how long one key signs tokens.
        ///
        /// Default `30d`, from `1h`.
        package var tokenKeyRotation = Duration.seconds(30 * 86_400)

        /// All defaults, for a registry of a name.
        package init(service: String) { self.service = service }
    }

    /// This registry's name in tokens.
    package let service: String
    package let directory: AccessDirectory
    package let login: Login
    package let tokens: TokenAuthority
    package let refreshTokens: RefreshTokens

    /// Builds the services over a database.
    package init(
        _ configuration: Configuration,
        metadata: any MetadataStore,
        passwords: PasswordWork,
        now: @escaping @Sendable () -> Timestamp
    ) {
        service = configuration.service
        directory = AccessDirectory(metadata: metadata, now: now)
        login = Login(metadata: metadata, directory: directory, work: passwords, now: now)
        tokens = TokenAuthority(
            TokenAuthority.Configuration(
                service: configuration.service,
                lifetime: configuration.tokenLifetime,
                rotation: configuration.tokenKeyRotation
            ),
            metadata: metadata,
            now: now
        )
        refreshTokens = RefreshTokens(
            metadata: metadata,
            service: configuration.service,
            lifetime: configuration.refreshTokenLifetime,
            now: now
        )
    }
}
