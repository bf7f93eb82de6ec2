// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CVMFSReader
internal import HTTPFetching
internal import MountClient
internal import TransferPlanning

/// Builds what a mount reads its repository from.
struct MountNetwork {
    private let settings: MountSettings
    /// `nil` for a repository in a directory.
    private let list: ServerList?

    /// Finds out about proxies and the order of servers, which may take as long as the timeouts say.
    init(_ settings: MountSettings, _ report: @escaping @Sendable (String) -> Void) throws(SettingProblem) {
        self.settings = settings
        let network = settings.network
        let bandwidth = network.bandwidth.map { BandwidthLimit(bytesPerSecond: $0) }
        guard settings.servers.first?.hasPrefix("/") == false else {
            list = nil
            return
        }
        let fetcher = HTTPFetcher(try Self.configuration(settings, bandwidth, isExternal: false))
        let discovery = ProxyDiscovery(settings, fetcher: fetcher, report)
        let members = discovery.resolved(network.proxies) ?? ProxyString(groups: [])
        var fallback = network.fallback
        var servers = settings.servers
        if network.sortsByDistance {
            let order = ServerOrder(settings, proxies: members, fallback: fallback, fetcher: fetcher, report)
            (servers, fallback) = order.sorted()
        }
        if let limit = network.serverLimit { servers = Array(servers.prefix(limit)) }
        list = ServerList(
            servers,
            fetcher: fetcher,
            proxies: Self.directory(members, fallback, network),
            rules: network.rules,
            report: report
        )
    }

    /// The repository itself.
    var source: any RepositorySource {
        list.map { HTTPSource($0) } ?? DirectorySource(settings.servers.first ?? "/")
    }

    /// The content of external files; `nil` if nobody said where it is.
    static func external(
        _ settings: MountSettings,
        _ report: @escaping @Sendable (String) -> Void
    ) throws(SettingProblem) -> (any RepositorySource)? {
        guard let first = settings.externalServers.first else { return nil }
        guard !first.hasPrefix("/") else { return DirectorySource(first) }
        let network = settings.network
        let bandwidth = network.bandwidth.map { BandwidthLimit(bytesPerSecond: $0) }
        let fetcher = HTTPFetcher(try configuration(settings, bandwidth, isExternal: true))
        let discovery = ProxyDiscovery(settings, fetcher: fetcher, report)
        let members = discovery.resolved(network.externalProxies) ?? ProxyString(groups: [])
        let servers = network.externalServerLimit.map { Array(settings.externalServers.prefix($0)) }
        return HTTPSource(
            ServerList(
                servers ?? settings.externalServers,
                fetcher: fetcher,
                proxies: directory(members, network.externalFallback, network),
                rules: network.rules,
                report: report
            )
        )
    }

    /// What tells of new revisions; `nil` if that is not wanted, or the repository is a directory.
    func revisions() throws(SettingProblem) -> HTTPRevisionSource? {
        guard settings.options.listens, let list else { return nil }
        var configuration = try Self.configuration(settings, nil, isExternal: false)
        configuration.direct.silence = HTTPRevisionSource.Way.stream.longestSilence
        configuration.proxied.silence = HTTPRevisionSource.Way.joined.longestSilence
        configuration.lowestSpeed = 0
        return HTTPRevisionSource(list.servers, fetcher: HTTPFetcher(configuration)) { list.currentMember }
    }

    /// `nil` where servers are asked directly.
    private static func directory(
        _ proxies: ProxyString,
        _ fallback: ProxyString,
        _ network: NetworkSettings
    ) -> ProxyDirectory? {
        guard proxies.hasProxies || fallback.hasProxies else { return nil }
        // Nobody said that there is a proxy, only what to do when there is none.
        let first = proxies.groups.isEmpty ? ProxyString(groups: [[.direct]]) : proxies
        return ProxyDirectory(first, fallback: fallback, rules: network.names)
    }

    private static func configuration(
        _ settings: MountSettings,
        _ bandwidth: BandwidthLimit?,
        isExternal: Bool
    ) throws(SettingProblem) -> HTTPFetcher.Configuration {
        let network = settings.network
        var configuration = HTTPFetcher.Configuration()
        (configuration.direct, configuration.proxied) = network.patience(isExternal: isExternal)
        configuration.lowestSpeed = network.lowestSpeed
        configuration.followsRedirects = network.followsRedirects
        configuration.userAgent = "wharf/\(VersionCommand.version)"
        configuration.bandwidth = bandwidth
        configuration.trust = network.trust
        if case .path(let path) = network.trust { try CertificateFile.check(path) }
        // The servers of external files are somebody else's, and never get to see the credentials.
        if !isExternal, let path = network.tokenFile {
            configuration.authorization = try TokenFile.read(path)
        }
        return configuration
    }
}

/// Files and directories of certificates.
enum CertificateFile {
    /// Refuses what is not there: the HTTP library would notice at the first request only.
    static func check(_ path: String) throws(SettingProblem) {
        guard !SmallFile.isReadable(path) else { return }
        throw SettingProblem(.option, "the certificates at \(path) cannot be read", remedy: "check ca-file")
    }
}
