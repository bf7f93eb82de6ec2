// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import HTTPTypes
package import Hummingbird

/// The proxies whose word is taken for the address of the client behind them.
///
/// Without them, all clients of a proxy would look like one, and one that guesses passwords would pause all.
package struct TrustedProxies: Hashable, Sendable {
    /// A network: its address, and how many leading bits count.
    private struct Network: Hashable {
        var address: [UInt8]
        var bits: Int

        func contains(_ other: [UInt8]) -> Bool {
            guard other.count == address.count else { return false }
            let (bytes, rest) = (bits / 8, bits % 8)
            guard other.prefix(bytes) == address.prefix(bytes) else { return false }
            return rest == 0 || (other[bytes] ^ address[bytes]) >> (8 - rest) == 0
        }
    }

    private let networks: [Network]

    /// Programs on this machine.
    package static let loopback = TrustedProxies("127.0.0.0/8, ::1") ?? TrustedProxies(networks: [])

    private init(networks: [Network]) { self.networks = networks }

    /// Reads addresses and networks, separated by commas: `10.0.0.1, 192.0.2.0/24, 2001:db8::/32`; empty for none.
    ///
    /// `nil` if one of them is neither.
    package init?(_ text: String) {
        var networks: [Network] = []
        for part in text.split(separator: ",") {
            let words = part.trimmingPrefix { $0 == " " }.split(
                separator: "/",
                omittingEmptySubsequences: false
            )
            guard words.count <= 2, let address = Self.bytes(String(words[0].prefix { $0 != " " })) else {
                return nil
            }
            let length = words.count == 2 ? Int(words[1].prefix { $0 != " " }) : address.count * 8
            guard let length, (0...address.count * 8).contains(length) else { return nil }
            networks.append(Network(address: address, bits: length))
        }
        self.networks = networks
    }

    /// The address of the client: that of the connection's other end, unless it is a proxy that is trusted; then the last
    /// one of `X-Forwarded-For` that is no such proxy.
    package func client(_ request: Request, peer: String?) -> String {
        guard var client = peer, isTrusted(client) else { return peer ?? "" }
        let lines: [String] = Self.header.map { request.headers[values: $0] } ?? []
        let hops: [String] = lines.flatMap { line in
            line.split(separator: ",").map { hop in String(hop.filter { $0 != " " }) }
        }
        for hop in hops.reversed() {
            guard Self.bytes(hop) != nil else { return client }
            client = hop
            guard isTrusted(hop) else { break }
        }
        return client
    }

    /// Whether an address is that of a proxy that is trusted.
    package func isTrusted(_ address: String) -> Bool {
        guard let bytes = Self.bytes(address) else { return false }
        return networks.contains { $0.contains(bytes) }
    }

    private static let header = HTTPField.Name("X-Forwarded-For")

    /// The 4 or 16 bytes of an address; an IPv4 address within IPv6 is taken for the former.
    private static func bytes(_ text: String) -> [UInt8]? {
        var four = [UInt8](repeating: 0, count: 4)
        if inet_pton(AF_INET, text, &four) == 1 { return four }
        var sixteen = [UInt8](repeating: 0, count: 16)
        guard inet_pton(AF_INET6, text, &sixteen) == 1 else { return nil }
        let isMapped = sixteen.prefix(10).allSatisfy { $0 == 0 } && sixteen[10] == 0xFF && sixteen[11] == 0xFF
        return isMapped ? Array(sixteen.suffix(4)) : sixteen
    }
}
