// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import HTTPFetching
internal import MountClient
internal import TransferPlanning

/// What those who talk to a mount may change, held to the same as what stands in the files.
extension MountSettings {
    /// Brings in a change, and returns what it is about.
    ///
    /// - Throws: `option`; the settings are then of no use.
    mutating func take(_ change: ControlChange) throws(SettingProblem) -> HandmadeChange {
        switch change {
        case .servers(let list):
            servers = try addresses(list)
            network.serverLimit = nil
            return .servers
        case .externalServers(let list):
            externalServers = try addresses(list)
            network.externalServerLimit = nil
            return .servers
        case .proxies(let list): network.proxies = try Self.proxies(list, of: "the list")
        case .externalProxies(let list): network.externalProxies = try Self.proxies(list, of: "the list")
        case .fallback(let list): network.fallback = try Self.proxies(list, of: "the list").withoutDirect
        case .timeouts(let proxied, let direct):
            guard (1...86400).contains(proxied), (1...86400).contains(direct) else {
                throw SettingProblem(.option, "a time limit is a number of seconds from 1 to 86400")
            }
            network.timeoutInSeconds = proxied
            network.directTimeoutInSeconds = direct
            return .timeouts
        case .nameServer(let text):
            network.names.server = try Self.nameServer(text)
            return .nameServer
        }
        return .proxies
    }

    /// Servers that can be asked, or one directory.
    private func addresses(_ list: String) throws(SettingProblem) -> [String] {
        let addresses = expand(list.filter { !$0.isWhitespace }, separator: ";")
        guard !addresses.isEmpty else { throw SettingProblem(.noServer, "the list has no server") }
        if addresses.count == 1, addresses[0].hasPrefix("/") { return addresses }
        for address in addresses where !Self.isServer(address) {
            throw SettingProblem(
                .option,
                "'\(address.prefix(100))' is no server",
                remedy: "write http://host/path or https://host/path; ';' stands between servers"
            )
        }
        return addresses
    }

    private static func isServer(_ address: String) -> Bool {
        guard let scheme = ["http://", "https://"].first(where: { address.hasPrefix($0) }),
            address.utf8.allSatisfy({ (0x21...0x7e).contains($0) })
        else { return false }
        // The same names and ports as proxies may have.
        return ProxyAddress(String(address.dropFirst(scheme.count).prefix { $0 != "/" })) != nil
    }

    /// The address of a name server; `nil` for the system's.
    static func nameServer(_ text: String) throws(SettingProblem) -> String? {
        guard !text.isEmpty else { return nil }
        guard NameServer.isAddress(text) else {
            throw SettingProblem(
                .option,
                "'\(text.prefix(100))' is no address of a name server",
                remedy: "write an address such as 192.0.2.53 or 2001:db8::53"
            )
        }
        return text
    }
}
