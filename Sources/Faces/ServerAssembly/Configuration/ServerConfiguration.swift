// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CVMFSPublisher
package import HTTPDelivery
internal import LayerUnpacking
package import Logging
package import RegistryService
internal import RepositoryHTTP

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

    /// `gc.interval`: how long after the end of one collection the next one begins; 0 for none.
    ///
    /// Default `6h`.
    package var collectionInterval = Duration.seconds(6 * 3600)

    /// `gc.blobGrace`: how long a blob that no manifest needs is kept.
    ///
    /// Default `24h`, from `1s`.
    package var blobGrace = Duration.seconds(86_400)

    /// `gc.untaggedGrace`: how long a manifest without a tag is kept; 0 for good.
    ///
    /// Default `0s`.
    package var untaggedGrace = Duration.zero

    /// `gc.referrerGrace`: how long a manifest is kept that refers to one that is gone; 0 for good.
    ///
    /// Default `7d`.
    package var referrerGrace = Duration.seconds(7 * 86_400)

    /// `gc.treeGrace`: how long a published tree is kept to which no link leads.
    ///
    /// Default `14d`, from `1s`.
    package var treeGrace = Duration.seconds(14 * 86_400)

    /// `gc.layerGrace`: how long a layer's index is kept that no image needs.
    ///
    /// Default `7d`, from `1s`.
    package var layerGrace = Duration.seconds(7 * 86_400)

    /// `gc.objectGrace`: how long an object is kept that no revision needs.
    ///
    /// Default `14d`, from `1s`.
    package var objectGrace = Duration.seconds(14 * 86_400)

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

    /// `server.externalURL`: the URL under which clients reach the server.
    ///
    /// Default: what each request says.
    package var externalURL: String?

    /// `access.administrator.name`: the first administrator.
    ///
    /// Default `admin`.
    package var administratorName = "admin"

    /// `access.administrator.password`: the first administrator's password.
    ///
    /// Without one, nobody is made.
    package var administratorPassword: String?

    /// `access.administrator.passwordFile`: the file that holds that password.
    package var administratorPasswordFile: String?

    /// `access.robotPrefix`: what the names of new robots begin with.
    ///
    /// Default `robot$`, as in Harbor.
    package var robotPrefix = "robot$"

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

    /// `access.auditRetention`: how long the records of changes are kept.
    ///
    /// Default `365d`, from `1d`.
    package var auditRetention = Duration.seconds(365 * 86_400)

    /// `http.trustedProxies`: whose `X-Forwarded-For` is believed.
    ///
    /// Default: programs on this machine.
    package var trustedProxies = TrustedProxies.loopback

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

    /// `publishing.podmanImages`: how many images podman's store lists at most; 0 for no store.
    ///
    /// Default `1000`, with which podman starts a quarter of a second later.
    package var podmanImageLimit = 1000

    /// `limits.notifications`: how many clients may wait for new revisions at once; 0 switches notifications off.
    ///
    /// They do not count as requests, but each holds a connection. Default `4096`, up to `1000000`.
    package var notificationLimit = 4096

    /// `notifications.heartbeat`: after so long without an event, a stream shows that it is alive.
    ///
    /// Default `15s`, from `1s` to `30s`.
    package var heartbeat = Duration.seconds(15)

    /// `notifications.wait`: how long a request waits for a newer revision.
    ///
    /// Default `55s`, from `1s` to `60s`.
    package var noticeWait = Duration.seconds(55)

    /// Half of the connections stay for everything else, whatever the limit says.
    var noticeLimit: Int { min(notificationLimit, connectionLimit / 2) }

    /// `publishing.timeToLive`: for how long clients that hear of nothing may go without asking for a new revision.
    ///
    /// From `5s` to `1d`. Default: what each repository has, `1m` for a new one.
    package var timeToLive: Duration?

    /// `publishing.snapshotAge`: how long the snapshots are kept that every revision gets by itself.
    ///
    /// Default `3d`, from `0s`.
    package var snapshotAge = Duration.seconds(3 * 86_400)

    /// `publishing.snapshotCount`: how many of those are kept at most.
    ///
    /// Default `100`, from `1` to `10000`.
    package var snapshotCount = 100

    /// `publishing.chunkThreshold`: files of up to so many bytes are published as one object.
    ///
    /// Default `2MiB`, from `64KiB` to `16MiB`.
    package var chunkThresholdInBytes = 2 << 20

    /// `publishing.chunkSize`: larger files are cut into chunks of so many bytes.
    ///
    /// Default `1MiB`, from `64KiB` to `16MiB`.
    package var chunkSizeInBytes = 1 << 20

    var publicationTerms: PublicationTerms {
        PublicationTerms(
            timeToLive: timeToLive?.components.seconds,
            snapshotAge: snapshotAge.components.seconds,
            snapshotCount: snapshotCount
        )
    }

    var chunkSizing: ChunkSizing {
        ChunkSizing(threshold: Int64(chunkThresholdInBytes), size: Int64(chunkSizeInBytes))
    }

    var noticePace: NoticeResponder.Pace { NoticeResponder.Pace(heartbeat: heartbeat, wait: noticeWait) }

    /// `tls.certificateFile`: the certificate chain of the server, in PEM; with it, the server speaks TLS alone.
    package var certificateFile: String?

    /// `tls.keyFile`: the key of the certificate, in PEM.
    package var keyFile: String?

    /// How URLs of the server begin.
    package var scheme: String { certificateFile == nil ? "http" : "https" }

    /// All defaults.
    package init() {}
}
