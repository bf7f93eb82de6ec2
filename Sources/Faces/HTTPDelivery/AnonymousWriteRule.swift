// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

/// Who may change things on a server that has no users yet: programs on the same machine, and nobody through them.
///
/// A web page can make a browser on the machine send requests, and a proxy on the machine forwards those of strangers;
/// both give themselves away by headers. So both ends of the connection must be loopback, by address and by the name that
/// the client used, and no header may tell of a proxy or of a page.
package struct AnonymousWriteRule: Sendable {
    /// Why a request is refused.
    package enum Refusal: Hashable, Sendable {
        case peerIsNotLoopback
        case hostIsNotLoopback
        /// The lower-case name of the header.
        case header(String)

        /// One sentence for the client.
        package var message: String {
            switch self {
            case .peerIsNotLoopback: "changes without login are accepted only from this machine itself"
            case .hostIsNotLoopback:
                "changes without login are accepted only under a loopback name, such as 127.0.0.1 or localhost"
            case .header(let name):
                "changes without login are accepted only directly, not from proxies or web pages (header \(name))"
            }
        }
    }

    /// Decides on a request; `nil` allows it.
    ///
    /// `peer` is the numeric address of the other end, `host` the request's `Host`, `headers` all names and values.
    package static func refusal(
        peer: String?,
        host: String?,
        headers: some Sequence<(name: String, value: String)>
    ) -> Refusal? {
        guard let peer, isLoopbackAddress(peer) else { return .peerIsNotLoopback }
        guard let host, isLoopbackHost(host) else { return .hostIsNotLoopback }
        for (name, value) in headers {
            let name = name.lowercased()
            switch name {
            case "forwarded", "via", "origin":
                return .header(name)
            case "sec-fetch-site":
                guard value == "same-origin" || value == "none" else { return .header(name) }
            case _ where name.hasPrefix("x-forwarded-"):
                return .header(name)
            default:
                continue
            }
        }
        return nil
    }

    /// Whether a numeric address is one of this machine's loopback.
    package static func isLoopbackAddress(_ address: String) -> Bool {
        if address == "::1" { return true }
        let mapped = "::ffff:"
        let plain = address.lowercased().hasPrefix(mapped) ? String(address.dropFirst(mapped.count)) : address
        let parts = plain.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { isOctet($0) }
    }

    /// Whether a `Host` header, with or without port, names this machine's loopback.
    package static func isLoopbackHost(_ host: String) -> Bool {
        let name: Substring
        if host.hasPrefix("[") {
            guard let end = host.firstIndex(of: "]") else { return false }
            let port = host[host.index(after: end)...]
            guard port.isEmpty || (port.hasPrefix(":") && isPort(port.dropFirst())) else { return false }
            name = host[host.index(after: host.startIndex)..<end]
            return isLoopbackAddress(String(name)) && name.contains(":")
        }
        let parts = host.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 1 || (parts.count == 2 && isPort(parts[1])) else { return false }
        return parts[0].lowercased() == "localhost" || isLoopbackAddress(String(parts[0]))
    }

    private static func isOctet(_ text: Substring) -> Bool {
        text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } && UInt8(text) != nil
    }

    private static func isPort(_ text: Substring) -> Bool {
        text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } && UInt16(text) != nil
    }
}
