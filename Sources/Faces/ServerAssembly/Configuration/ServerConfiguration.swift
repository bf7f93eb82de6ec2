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

    /// `log.format`: how log lines look.
    ///
    /// Default `auto`: text on a terminal, else one JSON object in each line.
    package var logFormat = LogFormat.auto

    /// `log.access`: whether every request is logged.
    ///
    /// Default `false`.
    package var logsAccess = false

    /// `log.slowRequest`: a request whose answer takes longer to begin is logged; 0 logs none.
    ///
    /// Default `5s`.
    package var slowRequest = Duration.seconds(5)

    /// `registry.readOnly`: whether pushes and deletions are refused.
    ///
    /// Default `false`.
    package var isReadOnly = false

    /// `storage.minimumFree`: free space below which `/readyz` says so.
    ///
    /// Default `256MiB`.
    package var minimumFreeInBytes = 256 << 20

    /// How log lines look.
    package enum LogFormat: String, CaseIterable, Sendable {
        /// Text on a terminal, JSON elsewhere.
        case auto
        case text
        case json
    }

    /// All defaults.
    package init() {}
}
