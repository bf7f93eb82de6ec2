// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

/// Where a web cache listens.
package struct ProxyAddress: Sendable, Hashable, CustomStringConvertible {
    /// A name, or an address; one of the sixth version without brackets.
    package let host: String
    package let port: Int
    /// Whether the cache itself is spoken to over TLS.
    package let isEncrypted: Bool

    /// Names a place that is known to be one.
    package init(host: String, port: Int, isEncrypted: Bool = false) {
        self.host = host
        self.port = port
        self.isEncrypted = isEncrypted
    }

    /// Reads `http://host:port`, `https://host:port`, `host:port`, `[::1]:port` or a host alone.
    ///
    /// The port defaults to 3128. `nil` for anything else: in particular for names and passwords in front of the host, which
    /// would end in logs.
    package init?(_ text: String) {
        var rest = Substring(text)
        isEncrypted = rest.hasPrefix("https://")
        for scheme in ["http://", "https://"] where rest.hasPrefix(scheme) {
            rest = rest.dropFirst(scheme.count)
        }
        while rest.hasSuffix("/") { rest = rest.dropLast() }
        let name: Substring
        if rest.hasPrefix("[") {
            guard let end = rest.firstIndex(of: "]") else { return nil }
            name = rest[rest.index(after: rest.startIndex)..<end]
            rest = rest[rest.index(after: end)...]
            guard name.contains(":"), name.utf8.allSatisfy({ Self.isOfAddress($0) }) else { return nil }
        } else {
            name = rest.prefix { $0 != ":" }
            rest = rest.dropFirst(name.count)
            guard !name.isEmpty, name.utf8.allSatisfy({ Self.isOfName($0) }) else { return nil }
        }
        guard name.utf8.count <= 255 else { return nil }
        host = String(name)
        guard !rest.isEmpty else {
            port = 3128
            return
        }
        let digits = rest.dropFirst()
        guard rest.first == ":", !digits.isEmpty, digits.utf8.allSatisfy({ Self.isDigit($0) }),
            let number = Int(digits), (1...65535).contains(number)
        else { return nil }
        port = number
    }

    /// Host and port, as they stand in an address.
    package var authority: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

    package var description: String { (isEncrypted ? "https://" : "http://") + authority }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    private static func isOfAddress(_ byte: UInt8) -> Bool {
        let lower = byte | 0x20
        return isDigit(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(lower)
            || byte == UInt8(ascii: ":") || byte == UInt8(ascii: ".")
    }

    private static func isOfName(_ byte: UInt8) -> Bool {
        let lower = byte | 0x20
        return isDigit(byte) || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(lower)
            || [UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_")].contains(byte)
    }
}
