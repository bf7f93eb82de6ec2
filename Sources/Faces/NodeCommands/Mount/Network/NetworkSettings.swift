// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import HTTPFetching
internal import TransferPlanning

/// How a mount gets at its servers.
struct NetworkSettings {
    /// `nil` where nobody said anything: servers are asked directly.
    var proxies: ProxyString?
    var fallback = ProxyString(groups: [])
    /// The same for the servers of external files, of which no site has a cache as a rule.
    var externalProxies: ProxyString?
    var externalFallback = ProxyString(groups: [])
    var names = ProxyDirectory.Rules()
    var rules = ServerList.Rules()

    var timeoutInSeconds: Int64 = 5
    var directTimeoutInSeconds: Int64 = 10
    /// `nil` for the same as above.
    var externalTimeoutInSeconds: Int64?
    var externalDirectTimeoutInSeconds: Int64?
    /// Bytes in a second.
    var lowestSpeed: Int64 = 1024
    /// Bytes in a second; `nil` for no bound.
    var bandwidth: Int64?

    var followsRedirects = false
    var trust = HTTPFetcher.Trust.system
    /// A file with what is shown to servers that do not serve everybody.
    var tokenFile: String?

    /// Whether the servers are asked for their order by distance.
    var sortsByDistance = false
    /// Stands for the proxy's name in that question.
    var callerInQuestions: String?
    /// No more servers of the list are used; `nil` for all.
    var serverLimit: Int?
    var externalServerLimit: Int?

    /// The proxies that are written down, without those that `auto` stands for.
    var proxyAddresses: [ProxyAddress] {
        ((proxies?.groups ?? []) + fallback.groups).joined().compactMap { member in
            if case .proxy(let address) = member { address } else { nil }
        }
    }

    /// How long is waited, directly and by proxy.
    func patience(isExternal: Bool) -> (direct: HTTPFetcher.Patience, proxied: HTTPFetcher.Patience) {
        let direct = isExternal ? externalDirectTimeoutInSeconds : nil
        let proxied = isExternal ? externalTimeoutInSeconds : nil
        return (
            Self.patience(direct ?? directTimeoutInSeconds), Self.patience(proxied ?? timeoutInSeconds)
        )
    }

    private static func patience(_ seconds: Int64) -> HTTPFetcher.Patience {
        HTTPFetcher.Patience(connect: .seconds(seconds), silence: .seconds(seconds))
    }
}
