// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

package import Logging
package import RegistryService

/// Everything that can be set about the server.
///
/// Each key comes from a flag, else from the environment (`uploads.expiry` is `WHARF_UPLOADS_EXPIRY`), else from the
/// configuration file, else it has its default.
package struct ServerConfiguration: Hashable, Sendable {
    /// `data`: the data directory.
    ///
    /// Default `./wharf-data`.
    package var dataDirectory = "./wharf-data"

    /// `listen`: where to accept connections.
    ///
    /// Default `127.0.0.1:5000`; port 0 takes any free one.
    package var listen = ListenAddress.standard

    /// `server.name`: the name under which images appear in published paths.
    ///
    /// Default: the listen address at first start, which is then kept.
    package var serverName: String?

    /// `uploads.expiry`: how long an unfinished upload is kept after its last byte.
    ///
    /// Default `7d`, from `1m`.
    package var uploadExpiry = Duration.seconds(7 * 86_400)

    /// `limits.manifest`: the largest manifest.
    ///
    /// Default `4MiB`, from `64KiB` to `64MiB`.
    package var manifestLimitInBytes = 4 << 20

    /// `http.idleTimeout`: how long a connection may be silent.
    ///
    /// Default `120s`, from `5s`.
    package var idleTimeout = Duration.seconds(120)

    /// `log.level`: `trace`, `debug`, `info`, `notice`, `warning`, `error` or `critical`.
    ///
    /// Default `notice`.
    package var logLevel = Logger.Level.notice

    /// `registry.sparseIndexes`: what to do with an index that names manifests which the repository does not have,
    /// `refuse` or `accept`.
    ///
    /// Default `refuse`.
    package var sparseIndexes = PushManifest.SparseIndexes.refuse

    /// `http.headerTimeout`: how long the head of a request, or a TLS handshake, may take.
    ///
    /// Default `20s`, from `1s`.
    package var headerTimeout = Duration.seconds(20)

    /// `http.shutdownTimeout`: how long requests may go on after the server was told to end.
    ///
    /// Default `30s`, from `0s`.
    package var shutdownTimeout = Duration.seconds(30)

    /// `limits.connections`: how many clients are connected at once; more wait until one goes.
    ///
    /// Default `8192`, from `16`.
    package var connectionLimit = 8192

    /// `limits.requests`: how many requests are worked on at once; more are answered 503.
    ///
    /// An upload holds up to 2.5 MiB. Default `1024`, from `16`.
    package var requestLimit = 1024

    /// `tls.certificateFile`: the certificate chain of the server, in PEM; with it, the server speaks TLS alone.
    package var certificateFile: String?

    /// `tls.keyFile`: the key of the certificate, in PEM.
    package var keyFile: String?

    /// How URLs of the server begin.
    package var scheme: String { certificateFile == nil ? "http" : "https" }

    /// All defaults.
    package init() {}
}
