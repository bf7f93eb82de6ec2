// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

/// What a client shows to a server that does not serve everybody.
package struct Authorization: Sendable, Equatable {
    /// The value of the header.
    package let header: String

    /// Reads the content of a file: `NAME:SECRET`, or a token; line breaks at the end are not part of it.
    ///
    /// `nil` for an empty text and for one that cannot stand in a header.
    package init?(file content: [UInt8]) {
        var bytes = content[...]
        while let last = bytes.last, last == UInt8(ascii: "\n") || last == UInt8(ascii: "\r") {
            bytes.removeLast()
        }
        guard !bytes.isEmpty, bytes.count <= 8 << 10, !bytes.contains(where: { $0 < 0x20 || $0 == 0x7F })
        else {
            return nil
        }
        if bytes.contains(UInt8(ascii: ":")) {
            header = "Basic " + Self.base64(Array(bytes))
        } else {
            guard bytes.allSatisfy({ (0x21...0x7E).contains($0) }) else { return nil }
            header = "Bearer " + String(decoding: bytes, as: UTF8.self)
        }
    }

    /// Whether it may be shown to a server: over TLS, or within this machine and then directly.
    package func isForServer(at url: String, throughProxy: Bool) -> Bool {
        if url.hasPrefix("https://") { return true }
        guard !throughProxy, url.hasPrefix("http://") else { return false }
        let authority = url.dropFirst("http://".count).prefix { $0 != "/" && $0 != "?" }
        // Of `user@host` the host is what counts, so nothing of that form is trusted.
        guard !authority.contains("@") else { return false }
        let host =
            authority.hasPrefix("[") ? authority.prefix { $0 != "]" } + "]" : authority.prefix { $0 != ":" }
        return host == "localhost" || host == "[::1]" || Self.isLoopback(host)
    }

    private static func isLoopback(_ host: Substring) -> Bool {
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }

    private static func base64(_ bytes: [UInt8]) -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
        var text = ""
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            var word: UInt32 = 0
            for index in 0..<3 {
                word = word << 8 | UInt32(index < group.count ? group[start + index] : 0)
            }
            for index in 0..<4 {
                text.append(index <= group.count ? alphabet[Int(word >> (18 - 6 * index) & 63)] : "=")
            }
        }
        return text
    }
}
