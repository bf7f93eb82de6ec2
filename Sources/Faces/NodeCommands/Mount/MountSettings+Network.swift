// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import ClientConfiguration
internal import MountClient

/// Servers, proxies and what is asked of them.
extension MountSettings {
    /// Brings in the parameters of the stock client that are about the network.
    mutating func applyNetwork(_ parameters: ParameterSet) throws(SettingProblem) {
        if let list = parameters["CVMFS_SERVER_URL"] { servers = expand(list, separator: ";") }
        if let list = parameters["CVMFS_EXTERNAL_URL"] { externalServers = expand(list, separator: ";") }
        if let seconds = try number("CVMFS_TIMEOUT", parameters), seconds > 0 { timeoutInSeconds = seconds }
        // The first member of the first group: groups and their fail-over come later.
        let proxies = parameters["CVMFS_HTTP_PROXY"]?.split { $0 == ";" || $0 == "|" } ?? []
        proxy = proxies.first.flatMap { ["DIRECT", "auto"].contains($0) ? nil : String($0) }
        if let minutes = try number("CVMFS_MAX_TTL", parameters), minutes > 0 {
            options.refreshInterval = .seconds(minutes * 60)
        }
    }

    /// Brings in one of our own options if it is about the network; returns whether it was.
    mutating func applyNetworkOption(_ name: String, _ value: String) throws(SettingProblem) -> Bool {
        switch name {
        case "server": servers = expand(value, separator: ",")
        case "proxy": proxy = value == "DIRECT" ? nil : value
        case "token-file": tokenFile = value
        case "notifications":
            guard ["auto", "off"].contains(value) else {
                throw SettingProblem(
                    .option,
                    "'\(value)' is no way to hear of revisions",
                    remedy: "use notifications=auto or notifications=off"
                )
            }
            options.listens = value == "auto"
        case "refresh": options.refreshInterval = .milliseconds(try Self.milliseconds(value))
        default: return false
        }
        return true
    }
}
