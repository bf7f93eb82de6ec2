// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import ClientConfiguration

/// What reading the configuration again changes in a running mount.
struct MountReload {
    /// Parameters that take effect at once.
    private static let live: Set = [
        "CVMFS_SERVER_URL", "CVMFS_HTTP_PROXY", "CVMFS_FALLBACK_PROXY", "CVMFS_PROXY_SHARD", "CVMFS_TIMEOUT",
        "CVMFS_TIMEOUT_DIRECT", "CVMFS_LOW_SPEED_LIMIT", "CVMFS_MAX_RETRIES", "CVMFS_BACKOFF_INIT",
        "CVMFS_BACKOFF_MAX", "CVMFS_PROXY_RESET_AFTER", "CVMFS_HOST_RESET_AFTER",
        "CVMFS_FAILOVER_INDEFINITELY",
        "CVMFS_FOLLOW_REDIRECTS", "CVMFS_USE_GEOAPI", "CVMFS_MAX_SERVERS", "CVMFS_PROXY_TEMPLATE",
        "CVMFS_DNS_MIN_TTL", "CVMFS_DNS_MAX_TTL", "CVMFS_DNS_TIMEOUT", "CVMFS_DNS_RETRIES",
        "CVMFS_IPFAMILY_PREFER", "CVMFS_MAX_IPADDR_PER_PROXY", "CVMFS_DNS_SERVER",
    ]

    /// The same for external files, once there are servers of any.
    private static let external: Set = [
        "CVMFS_EXTERNAL_URL", "CVMFS_EXTERNAL_HTTP_PROXY", "CVMFS_EXTERNAL_FALLBACK_PROXY",
        "CVMFS_EXTERNAL_TIMEOUT", "CVMFS_EXTERNAL_TIMEOUT_DIRECT", "CVMFS_EXTERNAL_MAX_SERVERS",
    ]

    /// The names of parameters whose values differ, sorted.
    private let changed: [String]
    private let hasExternal: Bool
    /// What was changed in between by those who talk to the mount.
    private let handmade: Set<HandmadeChange>

    init(from old: ParameterSet, to new: ParameterSet, undoing handmade: Set<HandmadeChange> = []) {
        self.handmade = handmade
        hasExternal = !(old["CVMFS_EXTERNAL_URL"] ?? "").isEmpty && !(new["CVMFS_EXTERNAL_URL"] ?? "").isEmpty
        changed = Set(old.entries.keys).union(new.entries.keys).filter { old[$0] != new[$0] }.sorted()
    }

    /// Whether servers, proxies or time limits changed.
    var changesNetwork: Bool { !handmade.isEmpty || changed.contains { Self.live.contains($0) } }

    /// Whether the servers of external files changed, or the way to them.
    var changesExternal: Bool {
        !handmade.isEmpty || hasExternal && changed.contains { Self.external.contains($0) }
    }

    private func isLive(_ name: String) -> Bool {
        Self.live.contains(name) || hasExternal && Self.external.contains(name)
    }

    /// One line for each change.
    var report: String {
        guard !changed.isEmpty || !handmade.isEmpty else { return "nothing changed" }
        let undone = handmade.map { "the \($0.rawValue) set by hand are left for the configuration" }.sorted()
        return (undone + changed.map { effect(of: $0) }).joined(separator: "\n")
    }

    private func effect(of name: String) -> String {
        if isLive(name) { return "\(name) changed" }
        if case .ignored? = ParameterTable.row(of: name)?.treatment {
            return "\(name) changed, without an effect"
        }
        return "\(name) changed: takes effect when the repository is mounted anew"
    }
}

/// What those who talk to a mount can change about its network.
enum HandmadeChange: String, CaseIterable {
    case servers
    case proxies
    case timeouts = "time limits"
    case nameServer = "name servers"
}
