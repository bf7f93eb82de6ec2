// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import Logging
internal import RegistryService

extension ConfigurationKey {
    /// Every key, in the order of the reference page `docs/operations/configuration.md`, which is made from this table.
    static let all: [ConfigurationKey] = [
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
        size(
            "storage.minimumFree",
            \.minimumFreeInBytes,
            from: "0KiB",
            to: "1024TiB",
            "Free space on the data directory's disk below which `/readyz` says so."
        ),
    ]

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
