// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import NIOCore

/// Looks for trouble with the listening port before anything else is done.
enum PortProbe {
    /// Replaces port 0 by a free one, so that the server's name, which contains it, is known before it listens.
    ///
    /// - Throws: `addressInUse`, `addressUnusable`.
    static func resolve(_ address: ListenAddress) throws -> ListenAddress {
        let target: SocketAddress
        do {
            target = try SocketAddress.makeAddressResolvingHost(address.host, port: address.port)
        } catch {
            throw unusable(address, cause: error)
        }
        let isIPv6 = target.protocol == .inet6
        let probe = socket(isIPv6 ? AF_INET6 : AF_INET, Int32(SOCK_STREAM.rawValue) | O_CLOEXEC, 0)
        guard probe >= 0 else { throw unusable(address, cause: nil) }
        defer { close(probe) }
        // As the server does: connections of a predecessor that linger do not count.
        var yes: Int32 = 1
        setsockopt(probe, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        let result = target.withSockAddr { pointer, size in Glibc.bind(probe, pointer, socklen_t(size)) }
        guard result == 0 else { throw errno == EADDRINUSE ? taken(address) : unusable(address, cause: nil) }
        // Linux finds out that somebody else listens only now, if both have allowed the reuse of the address.
        guard listen(probe, 1) == 0 else { throw taken(address) }
        return ListenAddress(host: address.host, port: try port(of: probe, address))
    }

    static func taken(_ address: ListenAddress) -> ServerProblem {
        ServerProblem(
            .addressInUse,
            "another process listens on \(address)",
            remedy: "stop it (ss -ltnp shows its number), or choose another port with --listen"
        )
    }

    private static func port(of probe: Int32, _ address: ListenAddress) throws -> Int {
        var storage = sockaddr_storage()
        var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let result = withUnsafeMutablePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(probe, $0, &size) }
        }
        guard result == 0 else { throw unusable(address, cause: nil) }
        // In both families the port is the two bytes after the family, most significant first.
        return withUnsafeBytes(of: &storage) { Int($0[2]) << 8 | Int($0[3]) }
    }

    private static func unusable(_ address: ListenAddress, cause: (any Error)?) -> ServerProblem {
        ServerProblem(
            .addressUnusable,
            "cannot listen on \(address)",
            remedy: "choose another address with --listen",
            cause: cause
        )
    }
}
