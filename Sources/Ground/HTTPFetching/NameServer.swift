// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CResolver

#if canImport(Glibc)
internal import Glibc
#endif

/// A name server that is asked in the place of those of `/etc/resolv.conf`.
///
/// The search domains stay those of that file, and what stands in `/etc/hosts` is not asked for.
package struct NameServer: Sendable, Equatable {
    /// No name stands for more addresses.
    private static let addressLimit = 64

    private let address: String
    private let timeout: Int32
    private let tries: Int32

    /// Names a server; `timeout` is how long one question waits, in whole seconds.
    package init(_ address: String, timeout: Duration, retries: Int) {
        self.address = address
        self.timeout = Int32(clamping: max(timeout.components.seconds, 1))
        tries = Int32(clamping: max(retries, 0) + 1)
    }

    /// Whether a text is an address, of either version.
    package static func isAddress(_ text: String) -> Bool {
        var address = in6_addr()
        return HostNames.isAddress(text) || inet_pton(AF_INET6, text, &address) == 1
    }

    /// What a name stands for; blocks the calling thread.
    @Sendable
    package func addresses(of name: String, _ family: AddressFamily) -> [String] {
        let known = Self.hosts(in: Self.hostsFile, named: name)
        let all = known.isEmpty ? ask(name, family) : known
        let (four, six) = (all.filter { !$0.contains(":") }, all.filter { $0.contains(":") })
        switch family {
        case .any: return four + six
        case .only4: return four
        case .preferring4: return four.isEmpty ? six : four
        case .preferring6: return six.isEmpty ? four : six
        }
    }

    /// Read at most to this length: what is longer is no list that a person wrote.
    private static let hostsLimit = 1 << 20

    private static var hostsFile: String {
        let descriptor = open("/etc/hosts", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return "" }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: hostsLimit)
        var length = 0
        while length < bytes.count {
            let count = bytes.withUnsafeMutableBytes {
                read(descriptor, $0.baseAddress?.advanced(by: length), $0.count - length)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            length += count
        }
        return String(decoding: bytes[..<length], as: UTF8.self)
    }

    /// Asks for what is needed only: some servers let questions for the sixth version go unanswered, each a wait.
    private func ask(_ name: String, _ family: AddressFamily) -> [String] {
        let four = ask(name, AF_INET)
        let isEnough = family == .only4 || family == .preferring4 && !four.isEmpty
        return isEnough ? four : four + ask(name, AF_INET6)
    }

    private func ask(_ name: String, _ family: Int32) -> [String] {
        var texts = [CChar](repeating: 0, count: Self.addressLimit * wharf_address_length)
        let width = wharf_address_length
        let count = wharf_resolve(name, family, address, timeout, tries, &texts, Int32(Self.addressLimit))
        return (0..<Int(count)).map { number in
            let text = texts[(number * width)..<((number + 1) * width)].prefix { $0 != 0 }
            return String(decoding: text.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        }
    }

    /// The addresses that a file of hosts has for a name.
    ///
    /// - Source: hosts(5).
    package static func hosts(in file: String, named name: String) -> [String] {
        let name = name.lowercased()
        return file.split(whereSeparator: \.isNewline).compactMap { line in
            let words = line.prefix { $0 != "#" }.split(whereSeparator: \.isWhitespace)
            guard let address = words.first.map({ String($0) }), isAddress(address),
                words.dropFirst().contains(where: { $0.lowercased() == name })
            else { return nil }
            return address
        }
    }
}
