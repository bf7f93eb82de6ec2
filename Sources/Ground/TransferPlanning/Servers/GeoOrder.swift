// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

/// The order of servers by their distance, which servers tell.
///
/// - Source: cvmfs-format G.5.
package enum GeoOrder {
    /// No more servers are asked.
    package static let questionLimit = 3
    /// Parts the servers from the fall-back proxies in a question.
    private static let separator = "+PXYSEP+"

    /// The address of the question.
    ///
    /// - Parameters:
    ///   - server: the base address of the server that is asked.
    ///   - caller: keeps caches apart, and tells where the node is: its proxy's name, or something of its own.
    ///   - servers: base addresses of the servers to be sorted.
    ///   - fallbacks: the hosts of the fall-back proxies to be sorted.
    /// - Returns: the whole address.
    package static func question(to server: String, caller: String, servers: [String], fallbacks: [String])
        -> String
    {
        let names = servers.map { host($0) } + (fallbacks.isEmpty ? [] : [separator] + fallbacks)
        return "\(server)/api/v1.0/geo/\(caller)/\(names.joined(separator: ","))"
    }

    /// Reads an answer: positions of servers and of fall-back proxies, counted from 0, nearest first.
    ///
    /// `nil` for anything but a permutation of what was asked.
    package static func answer(
        _ bytes: [UInt8],
        servers: Int,
        fallbacks: Int
    ) -> (servers: [Int], fallbacks: [Int])? {
        let count = servers + (fallbacks > 0 ? fallbacks + 1 : 0)
        var text = Substring(decoding: bytes.prefix(1 << 16), as: UTF8.self)
        while text.last?.isNewline == true { text = text.dropLast() }
        let parts = text.split(separator: ",", omittingEmptySubsequences: false)
        let numbers = parts.compactMap { Int($0) }
        guard parts.count == count, numbers.count == count, numbers.sorted() == Array(1...max(count, 1))
        else { return nil }
        let positions = numbers.map { $0 - 1 }
        return (
            positions.filter { $0 < servers },
            positions.filter { $0 > servers }.map { $0 - servers - 1 }
        )
    }

    /// The host of an address, without a port.
    package static func host(_ url: String) -> String {
        let authority = RedirectRule.authority(of: url)
        if authority.hasPrefix("["), let end = authority.firstIndex(of: "]") {
            return String(authority[authority.index(after: authority.startIndex)..<end])
        }
        return String(authority.prefix { $0 != ":" })
    }
}
