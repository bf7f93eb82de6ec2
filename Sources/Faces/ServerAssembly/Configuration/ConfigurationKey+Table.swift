// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import HTTPDelivery
internal import IdentityProviders
internal import Logging
internal import RegistryService

extension ConfigurationKey {
    /// Every key, in the order of the reference page `docs/operations/configuration.md`, which is made from this table.
    static let all: [ConfigurationKey] = general + collection

    private static let general: [ConfigurationKey] = [
        text(
            "data",
            \.dataDirectory,
            form: "a path",
            standard: ServerConfiguration().dataDirectory,
            "The data directory: made if it is new, and locked while the server runs."
        ) { $0.isEmpty ? .fault("is empty") : .value($0) },
        text(
            "listen",
            \.listen,
            form: "HOST:PORT",
            standard: ServerConfiguration().listen.description,
            "Where connections are accepted. Port 0 takes any free one."
        ) { ListenAddress($0).map { .value($0) } ?? .fault("is not HOST:PORT") },
        text(
            "server.name",
            \.serverName,
            form: "a host name, with or without a port",
            standard: nil,
            "The name under which images appear in published paths. Without it, the listen address of the first start, "
                + "which is then kept."
        ) { isServerName($0) ? .value($0) : .fault("is not a host name, with or without a port") },
        duration(
            "uploads.expiry",
            \.uploadExpiry,
            from: "1m",
            "How long an unfinished upload is kept after its last byte."
        ),
        size(
            "limits.manifest",
            \.manifestLimitInBytes,
            from: "64KiB",
            to: "64MiB",
            "The largest manifest that is taken."
        ),
        duration(
            "http.idleTimeout",
            \.idleTimeout,
            from: "5s",
            to: "1d",
            "How long a connection may be silent before it is closed."
        ),
        text(
            "http.trustedProxies",
            \.trustedProxies,
            form: "addresses and networks, separated by commas",
            standard: "127.0.0.0/8, ::1",
            "The proxies whose `X-Forwarded-For` is believed, so that failed logins and records name the client behind them."
        ) {
            TrustedProxies($0).map { .value($0) }
                ?? .fault("is no list of addresses and networks such as 10.0.0.0/8")
        },
        duration(
            "http.headerTimeout",
            \.headerTimeout,
            from: "1s",
            to: "1h",
            "How long the head of a request, or a TLS handshake, may take."
        ),
        duration(
            "http.shutdownTimeout",
            \.shutdownTimeout,
            from: "0s",
            to: "1d",
            "How long requests may go on after the server was told to end."
        ),
        count(
            "limits.connections",
            \.connectionLimit,
            in: 16...1_000_000,
            "How many clients are connected at once; more wait until one goes."
        ),
        count(
            "limits.requests",
            \.requestLimit,
            in: 16...1_000_000,
            "How many requests are worked on at once; more are answered 503."
        ),
        count(
            "limits.notifications",
            \.notificationLimit,
            in: 0...1_000_000,
            "How many clients may wait for new revisions at once, at most half of `limits.connections`; more are answered 503. "
                + "They do not count as requests. 0 switches notifications off."
        ),
        duration(
            "notifications.heartbeat",
            \.heartbeat,
            from: "1s",
            to: "30s",
            "After so long without an event, a stream of revisions shows that it is alive."
        ),
        duration(
            "notifications.wait",
            \.noticeWait,
            from: "1s",
            to: "60s",
            "How long a request for the next revision waits for it: less than what proxies on the way grant."
        ),
        text(
            "publishing.timeToLive",
            \.timeToLive,
            form: "a time from 5s to 1d",
            standard: nil,
            "For how long clients that hear of nothing may go without asking for a new revision, from the next one on. "
                + "Without it, what each repository has: `1m` for a new one."
        ) {
            guard let value = UnitText.duration($0) else { return .fault(UnitText.durationFault) }
            return value < .seconds(5) || value > .seconds(86_400)
                ? .fault("is not between 5s and 1d") : .value(value)
        },
        duration(
            "publishing.snapshotAge",
            \.snapshotAge,
            from: "0s",
            "How long the snapshots (`generic-…`) are kept that every revision gets by itself; a mount can be pinned to one."
        ),
        count(
            "publishing.snapshotCount",
            \.snapshotCount,
            in: 1...10_000,
            "How many of those snapshots are kept at most."
        ),
        size(
            "publishing.chunkThreshold",
            \.chunkThresholdInBytes,
            from: "64KiB",
            to: "16MiB",
            "Files of up to this size are published as one object, larger ones in chunks. Layers that were read before stay as "
                + "they are."
        ),
        size(
            "publishing.chunkSize",
            \.chunkSizeInBytes,
            from: "64KiB",
            to: "16MiB",
            "The size of the chunks, at most the threshold; files of more than 256 MiB are cut every 4 MiB, or every so many if "
                + "that is more."
        ),
        count(
            "publishing.podmanImages",
            \.podmanImageLimit,
            in: 0...100_000,
            "How many images of a published repository podman's store lists at most; 0 for no store. Each start of podman reads "
                + "the whole list."
        ),
        text(
            "tls.certificateFile",
            \.certificateFile,
            form: "a path",
            standard: nil,
            "The certificate chain of the server, in PEM. With it, the server speaks TLS alone. It is read again when it "
                + "changes."
        ) { $0.isEmpty ? .fault("is empty") : .value($0) },
        text(
            "tls.keyFile",
            \.keyFile,
            form: "a path",
            standard: nil,
            "The key of the certificate, in PEM."
        ) { $0.isEmpty ? .fault("is empty") : .value($0) },
        choice("log.level", \.logLevel, "What is logged: this level and those after it."),
        choice(
            "log.format",
            \.logFormat,
            "How log lines look: `text` for people, `json` for machines, `auto` takes text on a terminal and JSON "
                + "elsewhere."
        ),
        flag("log.access", \.logsAccess, "Whether every request is logged, whatever `log.level` says."),
        duration(
            "log.slowRequest",
            \.slowRequest,
            from: "0s",
            "A request whose answer takes longer to begin is logged as a warning; `0s` logs none."
        ),
        flag(
            "registry.readOnly",
            \.isReadOnly,
            "Whether the registry refuses pushes and deletions while pulls go on, for moving and for maintenance."
        ),
        choice(
            "registry.sparseIndexes",
            \.sparseIndexes,
            "What to do with an index that names manifests which the repository does not have."
        ),
        text(
            "server.externalURL",
            \.externalURL,
            form: "an http or https URL without a path",
            standard: nil,
            "The URL under which clients reach the server, for the places where it must name itself. Without it, what each "
                + "request says, which is right unless a proxy in front hides the host or the scheme."
        ) { isServerURL($0) ? .value($0) : .fault("is not an http or https URL without a path") },
        text(
            "access.administrator.name",
            \.administratorName,
            form: "a user name",
            standard: ServerConfiguration().administratorName,
            "The first administrator, who is made at start if there is no account yet and a password is given."
        ) { AccountRules.fault(ofName: $0).map { .fault("is no name: \($0)") } ?? .value($0) },
        text(
            "access.administrator.password",
            \.administratorPassword,
            form: "a password of 8 to 128 bytes",
            standard: nil,
            "The first administrator's password. It is not looked at again once there is an account."
        ) {
            AccountRules.fault(ofPassword: $0, for: "").map { .fault("is no password: \($0)") } ?? .value($0)
        },
        text(
            "access.administrator.passwordFile",
            \.administratorPasswordFile,
            form: "a path",
            standard: nil,
            "A file that holds that password in its first line."
        ) { $0.isEmpty ? .fault("is empty") : .value($0) },
        text(
            "access.robotPrefix",
            \.robotPrefix,
            form: "a short text",
            standard: ServerConfiguration().robotPrefix,
            "What the names of new robots begin with. `robot$` is what Harbor has; `robot-` needs no quoting in shells."
        ) { isRobotPrefix($0) ? .value($0) : .fault("is not 1 to 32 letters, digits and . _ - $") },
        duration(
            "access.tokenLifetime",
            \.tokenLifetime,
            from: "1m",
            to: "1d",
            "How long a token is good. A right that is taken away ends at once, whatever tokens are about."
        ),
        duration(
            "access.refreshTokenLifetime",
            \.refreshTokenLifetime,
            from: "1h",
            "How long a client that has logged in can go on without the password."
        ),
        duration(
            "access.tokenKeyRotation",
            \.tokenKeyRotation,
            from: "1h",
            "How long one key signs tokens before a new one takes its place."
        ),
        duration(
            "access.auditRetention",
            \.auditRetention,
            from: "1d",
            "How long the records of changes are kept."
        ),
        size(
            "storage.minimumFree",
            \.minimumFreeInBytes,
            from: "0KiB",
            to: "1024TiB",
            "Free space on the data directory's disk below which `/readyz` says so."
        ),
    ]

    private static func isServerURL(_ text: String) -> Bool {
        for scheme in ["http://", "https://"] where text.hasPrefix(scheme) {
            let rest = text.dropFirst(scheme.count)
            return isServerName(String(rest.hasSuffix("/") ? rest.dropLast() : rest))
        }
        return false
    }

    private static func isRobotPrefix(_ text: String) -> Bool {
        (1...32).contains(text.utf8.count)
            && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "._-$".contains($0)) }
    }

    private static func isServerName(_ text: String) -> Bool {
        guard !text.isEmpty, text.utf8.count <= 255 else { return false }
        let name = ListenAddress(text)?.host ?? text
        return name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                UInt8(ascii: "."),
                UInt8(ascii: "-"), UInt8(ascii: ":"):
                true
            default: false
            }
        }
    }
}
