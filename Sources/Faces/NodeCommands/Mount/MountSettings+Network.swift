// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import ClientConfiguration
internal import HTTPFetching
internal import MountClient
internal import TransferPlanning

#if canImport(Glibc)
internal import Glibc
#endif

/// Servers, proxies and what is asked of them.
extension MountSettings {
    /// Brings in the parameters of the stock client that are about the network.
    ///
    /// - Source: cvmfs-format H.2.
    mutating func applyNetwork(_ parameters: ParameterSet) throws(SettingProblem) {
        if let list = parameters["CVMFS_SERVER_URL"] { servers = expand(list, separator: ";") }
        if let list = parameters["CVMFS_EXTERNAL_URL"] { externalServers = expand(list, separator: ";") }
        if let minutes = try number("CVMFS_MAX_TTL", parameters), minutes > 0 {
            options.longestTimeToLive = .seconds(minutes * 60)
        }
        if let value = parameters["CVMFS_AUTO_UPDATE"], !Self.isTrue(value) { options.isFixed = true }
        try applyProxies(parameters)
        try applyTimes(parameters)
        try applyNames(parameters)
        if let value = parameters["CVMFS_FAILOVER_INDEFINITELY"] {
            network.rules.isPersistent = Self.isTrue(value)
        }
        if let value = parameters["CVMFS_FOLLOW_REDIRECTS"] { network.followsRedirects = Self.isTrue(value) }
        if let value = parameters["CVMFS_USE_GEOAPI"] { network.sortsByDistance = Self.isTrue(value) }
        network.callerInQuestions = parameters["CVMFS_PROXY_TEMPLATE"].flatMap { $0.isEmpty ? nil : $0 }
        network.serverLimit = try count("CVMFS_MAX_SERVERS", parameters)
        network.externalServerLimit = try count("CVMFS_EXTERNAL_MAX_SERVERS", parameters)
        applyTrust(parameters)
    }

    private mutating func applyProxies(_ parameters: ParameterSet) throws(SettingProblem) {
        if let list = parameters["CVMFS_HTTP_PROXY"] {
            network.proxies = try Self.proxies(list, of: "CVMFS_HTTP_PROXY")
        } else if parameters["CVMFS_CLIENT_PROFILE"] == "single" {
            network.proxies = ProxyString(groups: [[.automatic], [.direct]])
        }
        if let list = parameters["CVMFS_FALLBACK_PROXY"] {
            network.fallback = try Self.proxies(list, of: "CVMFS_FALLBACK_PROXY").withoutDirect
        }
        if let list = parameters["CVMFS_EXTERNAL_HTTP_PROXY"] {
            network.externalProxies = try Self.proxies(list, of: "CVMFS_EXTERNAL_HTTP_PROXY")
        }
        if let list = parameters["CVMFS_EXTERNAL_FALLBACK_PROXY"] {
            network.externalFallback = try Self.proxies(list, of: "CVMFS_EXTERNAL_FALLBACK_PROXY")
                .withoutDirect
        }
        if let value = parameters["CVMFS_PROXY_SHARD"] { network.rules.isSharded = Self.isTrue(value) }
    }

    private mutating func applyTimes(_ parameters: ParameterSet) throws(SettingProblem) {
        if let time = try positive("CVMFS_TIMEOUT", parameters) { network.timeoutInSeconds = time }
        if let time = try positive("CVMFS_TIMEOUT_DIRECT", parameters) {
            network.directTimeoutInSeconds = time
        }
        network.externalTimeoutInSeconds = try positive("CVMFS_EXTERNAL_TIMEOUT", parameters)
        network.externalDirectTimeoutInSeconds = try positive("CVMFS_EXTERNAL_TIMEOUT_DIRECT", parameters)
        if let speed = try number("CVMFS_LOW_SPEED_LIMIT", parameters), speed >= 0 {
            network.lowestSpeed = speed
        }
        if let limit = try number("CVMFS_MAX_RETRIES", parameters), limit >= 0 {
            network.rules.retries.limit = Int(limit)
        }
        if let pause = try number("CVMFS_BACKOFF_INIT", parameters), pause >= 0 {
            network.rules.retries.firstPause = .seconds(pause)
        }
        if let pause = try number("CVMFS_BACKOFF_MAX", parameters), pause >= 0 {
            network.rules.retries.longestPause = .seconds(pause)
        }
        // Nothing turns the return to the first proxy or server off, as 0 does for the stock client.
        if let time = try number("CVMFS_PROXY_RESET_AFTER", parameters) {
            network.rules.proxyResetAfter = time > 0 ? .seconds(time) : nil
        }
        if let time = try number("CVMFS_HOST_RESET_AFTER", parameters) {
            network.rules.serverResetAfter = time > 0 ? .seconds(time) : nil
        }
    }

    private mutating func applyNames(_ parameters: ParameterSet) throws(SettingProblem) {
        if let time = try positive("CVMFS_DNS_MIN_TTL", parameters) {
            network.names.shortestLife = .seconds(time)
        }
        if let time = try positive("CVMFS_DNS_MAX_TTL", parameters) {
            network.names.longestLife = .seconds(time)
        }
        let timeout = try positive("CVMFS_DNS_TIMEOUT", parameters) ?? 3
        let retries = try number("CVMFS_DNS_RETRIES", parameters) ?? 1
        network.names.timeout = .seconds(timeout)
        network.names.retries = Int(min(max(retries, 0), 100))
        network.names.patience = .seconds(timeout) * (network.names.retries + 1)
        if let server = parameters["CVMFS_DNS_SERVER"] {
            network.names.server = try Self.nameServer(server)
        }
        network.names.addressLimit = try count("CVMFS_MAX_IPADDR_PER_PROXY", parameters)
        switch parameters["CVMFS_IPFAMILY_PREFER"] {
        case "4": network.names.family = .preferring4
        case "6": network.names.family = .preferring6
        default: break
        }
        if getenv("CVMFS_IPV4_ONLY").map({ $0[0] != 0 }) == true { network.names.family = .only4 }
    }

    /// Certificates of the site come before those of the machine, unless the latter are asked for.
    private mutating func applyTrust(_ parameters: ParameterSet) {
        if let value = parameters["CVMFS_USE_SSL_SYSTEM_CA"], Self.isTrue(value) { return }
        for name in ["X509_CERT_BUNDLE", "X509_CERT_DIR"] {
            guard let path = parameters[name] ?? getenv(name).map({ String(cString: $0) }), !path.isEmpty
            else {
                continue
            }
            network.trust = .path(path)
            return
        }
    }

    /// Brings in one of our own options if it is about the network; returns whether it was.
    mutating func applyNetworkOption(_ name: String, _ value: String) throws(SettingProblem) -> Bool {
        switch name {
        case "server": servers = expand(value, separator: ",")
        case "proxy": network.proxies = try Self.proxies(value, of: "proxy")
        case "token-file": network.tokenFile = value
        case "ca-file": network.trust = .path(value)
        case "bandwidth": network.bandwidth = try Self.bytesPerSecond(value)
        case "patience": network.rules.patience = .milliseconds(try Self.milliseconds(value))
        case "notifications":
            guard ["auto", "off"].contains(value) else {
                throw SettingProblem(
                    .option,
                    "'\(value)' is no way to hear of revisions",
                    remedy: "use notifications=auto or notifications=off"
                )
            }
            options.listens = value == "auto"
        case "neighbours": options.fetchesNeighbours = Self.isTrue(value)
        case "refresh": options.refreshInterval = .milliseconds(try Self.milliseconds(value))
        default: return false
        }
        return true
    }

    // MARK: Values

    static func proxies(_ list: String, of name: String) throws(SettingProblem) -> ProxyString {
        do { return try ProxyString(list) } catch {
            throw SettingProblem(.option, "\(name) cannot be used", cause: error)
        }
    }

    private static func bytesPerSecond(_ text: String) throws(SettingProblem) -> Int64 {
        guard text.hasSuffix("/s"), let rate = try? byteCount(String(text.dropLast(2))),
            rate >= BandwidthLimit.lowestRate
        else {
            throw SettingProblem(
                .option,
                "'\(text)' is no bandwidth",
                remedy:
                    "write a size by the second, such as 20MB/s, of at least \(BandwidthLimit.lowestRate >> 10)KiB/s"
            )
        }
        return rate
    }

    private func positive(_ name: String, _ parameters: ParameterSet) throws(SettingProblem) -> Int64? {
        try number(name, parameters).flatMap { $0 > 0 ? min($0, 86400) : nil }
    }

    /// A number of things, of which 0 means all.
    private func count(_ name: String, _ parameters: ParameterSet) throws(SettingProblem) -> Int? {
        try number(name, parameters).flatMap { $0 > 0 ? Int($0) : nil }
    }
}
