// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

#if canImport(Glibc)
internal import Glibc
#endif

/// The kinds of address that are asked for.
package enum AddressFamily: Sendable, Equatable {
    case any
    /// Those of one version if there are any, else the others.
    case preferring4
    case preferring6
    case only4
}

/// What host names stand for.
package enum HostNames {
    /// The addresses of a name as text, each once, in the system's order; blocks the calling thread.
    ///
    /// None for a name that stands for none, and where nobody answers.
    @Sendable
    package static func addresses(of name: String, _ family: AddressFamily) -> [String] {
        var hints = addrinfo()
        hints.ai_family = family == .only4 ? AF_INET : AF_UNSPEC
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(name, nil, &hints, &list) == 0 else { return [] }
        defer { freeaddrinfo(list) }
        var found: [(text: String, family: Int32)] = []
        var next = list
        while let entry = next?.pointee {
            var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
            if getnameinfo(
                entry.ai_addr,
                entry.ai_addrlen,
                &text,
                socklen_t(text.count),
                nil,
                0,
                NI_NUMERICHOST
            ) == 0 {
                let bytes = text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
                let address = String(decoding: bytes, as: UTF8.self)
                if !found.contains(where: { $0.text == address }) { found.append((address, entry.ai_family)) }
            }
            next = entry.ai_next
        }
        let wanted: Int32? =
            switch family {
            case .any, .only4: nil
            case .preferring4: AF_INET
            case .preferring6: AF_INET6
            }
        let preferred = found.filter { $0.family == wanted }
        return (preferred.isEmpty ? found : preferred).map(\.text)
    }

    /// Whether a host is an address of the fourth version already.
    static func isAddress(_ host: String) -> Bool {
        var address = in_addr()
        return inet_pton(AF_INET, host, &address) == 1
    }
}
