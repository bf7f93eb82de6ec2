// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

/// What a mount takes in the place of its configuration, until the configuration is read again.
package enum ControlChange: Equatable, Sendable {
    /// The servers, separated by `;`.
    case servers(String)
    /// Groups of proxies.
    case proxies(String)
    /// Proxies of last resort.
    case fallback(String)
    /// Seconds by proxy, and directly.
    case timeouts(proxied: Int64, direct: Int64)
    /// The servers of external files.
    case externalServers(String)
    /// Their proxies.
    case externalProxies(String)
    /// Who is asked for the addresses of proxies.
    case nameServer(String)
}

/// The configuration of a mount that runs, which can change under it.
package protocol RunningConfiguration: Sendable {
    /// The parameters as they were read last, `NAME=value` on each line.
    var parameters: String { get }
    /// Seconds that are waited by proxy, and directly.
    var timeouts: (proxied: Int64, direct: Int64) { get }
    /// Who is asked for the addresses of proxies; `nil` for the system's resolver.
    var nameServer: String? { get }
    /// Takes a change; throws what is wrong with it, and then nothing is changed.
    func take(_ change: ControlChange) throws
    /// Reads the configuration again, applies what can change, and says what was done.
    ///
    /// What was changed by hand is then as the configuration says.
    func reload() -> String
}
