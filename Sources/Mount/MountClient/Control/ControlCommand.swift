// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

package import TransferPlanning

/// What somebody asks a running mount by its control socket.
///
/// The words are those of the stock client's tool, and a few of ours.
/// - Source: cvmfs-format H.13.
package enum ControlCommand: Equatable, Sendable {
    case mountpoint
    case deviceID
    case revision
    case rootHash
    case processID
    case version
    case hostInfo
    case proxyInfo
    case timeoutInfo
    /// Changes the way to the servers.
    case order(TransferOrder)
    /// The same for the servers of external files.
    case externalHostInfo
    case externalProxyInfo
    case externalOrder(TransferOrder)
    /// Takes something in the place of the configuration.
    case change(ControlChange)
    case nameServerInfo
    /// Asks for a newer manifest, and waits for what comes of it.
    case remount
    case openCatalogs
    case detachCatalogs
    case parameters
    case cacheSize
    case cacheInstance
    case cacheLimit
    case setCacheLimit(megabytes: Int64)
    case cleanUp(megabytes: Int64)
    case countCleanups(minutes: Int64)
    case evict(path: String)
    case list(CacheSelection)
    case trackedNodes
    case longestTimeToLive
    case setLongestTimeToLive(minutes: Int64)
    case internals
    case latency
    case resetErrors
    /// Ours: everything in the form of Prometheus.
    case metrics
    /// Ours: what `wharf client stat` shows, as JSON.
    case status
    /// Ours: record which files are used for the first time from now on.
    case traceBegin
    /// Ours: end that, and list them, one on each line.
    case traceEnd
    /// Ours: read the configuration again.
    case reload
    /// Known to the stock client's tool, and of no use here; the text says why.
    case declined(String)
    /// Known, with an argument that is none; the text says how it is written.
    case usage(String)

    /// Which objects of the cache are listed.
    package enum CacheSelection: Sendable {
        case all
        case pinned
        case catalogs
    }

    /// The longest command, in bytes; a list of servers may be long.
    package static let lengthLimit = 16 << 10

    /// Understands a command; `nil` for one that nobody knows.
    package init?(_ text: String) {
        let words = text.split(whereSeparator: { $0.isWhitespace || $0 == "\0" }).joined(separator: " ")
        if let command = Self.commands[words] {
            self = command
        } else if let command = Self.withArgument(text) {
            self = command
        } else if let reason = Self.declined.first(where: { words.hasPrefix($0.key) })?.value {
            self = .declined(reason)
        } else {
            return nil
        }
    }

    /// All commands that are written as they stand.
    package static let commands: [String: ControlCommand] = [
        "mountpoint": .mountpoint, "device id": .deviceID, "revision": .revision, "root hash": .rootHash,
        "pid": .processID, "version": .version, "version patchlevel": .version, "host info": .hostInfo,
        "proxy info": .proxyInfo, "timeout info": .timeoutInfo, "remount": .remount, "remount sync": .remount,
        "open catalogs": .openCatalogs, "detach nested catalogs": .detachCatalogs, "parameters": .parameters,
        "cache size": .cacheSize, "cache instance": .cacheInstance, "cache limit get": .cacheLimit,
        "vfs inodes": .trackedNodes, "vfs entries": .trackedNodes, "max ttl info": .longestTimeToLive,
        "internal affairs": .internals, "latency": .latency, "reset error counters": .resetErrors,
        "metrics": .metrics,
        "host switch": .order(.nextServer), "proxy group switch": .order(.nextProxyGroup),
        "proxy rebalance": .order(.drawProxy), "status": .status, "trace begin": .traceBegin,
        "trace end": .traceEnd, "reload": .reload, "nameserver get": .nameServerInfo,
        "external host info": .externalHostInfo, "external proxy info": .externalProxyInfo,
        "external host switch": .externalOrder(.nextServer), "cache list": .list(.all),
        "cache list pinned": .list(.pinned), "cache list catalogs": .list(.catalogs),
    ]

    /// The same, for people.
    package static var words: [String] {
        (commands.keys + forms.map { "\($0.verb) \($0.argument)" }).sorted()
    }

    /// What the stock client's tool knows and a mount of ours does not do, by how it begins.
    package static let declined: [String: String] = [
        "host probe": "wharf doctor looks at the servers; CVMFS_USE_GEOAPI orders them",
        "pin": "wharf client cache pin",
        "tracebuffer": "there is no trace buffer; use wharf client trace",
        "pid cachemgr": "there is no cache manager: mounts share the cache's directory",
        "pid watchdog": "there is no watchdog",
        "hotpatch history": "a mount is one program; see version",
        "tear down to read-only": "the cache is the node's, and not torn down with a mount",
        "send mount fd": "the connection is not handed over",
        "chroot": "a mount stays at the snapshot that it was made with; mount another one",
    ]
}
