// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import Problems

#if canImport(Glibc)
internal import Glibc
#endif

/// Names, connections and clocks, looked at one by one.
enum HostProbe {
    /// A host and a port.
    struct Endpoint: Hashable, CustomStringConvertible {
        let host: String
        let port: UInt16

        var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

        /// Reads the authority of an address; `nil` if it has none.
        init?(url: String, standardPort: UInt16? = nil) {
            var rest = Substring(url)
            var port = standardPort ?? 80
            if let scheme = rest.firstRange(of: "://") {
                if standardPort == nil, rest[..<scheme.lowerBound] == "https" { port = 443 }
                rest = rest[scheme.upperBound...]
            }
            rest = rest.prefix { $0 != "/" && $0 != "?" }
            if let at = rest.lastIndex(of: "@") { rest = rest[rest.index(after: at)...] }
            if rest.hasPrefix("["), let end = rest.firstIndex(of: "]") {
                host = String(rest[rest.index(after: rest.startIndex)..<end])
                rest = rest[rest.index(after: end)...]
            } else {
                let name = rest.prefix { $0 != ":" }
                host = String(name)
                rest = rest[name.endIndex...]
            }
            if rest.hasPrefix(":") {
                guard let number = UInt16(rest.dropFirst()) else { return nil }
                port = number
            }
            guard !host.isEmpty else { return nil }
            self.port = port
        }
    }

    /// Connects within `seconds`; returns why that fails.
    static func connection(to endpoint: Endpoint, seconds: Int = 5) -> Result<Int32, ProbeFailure> {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(endpoint.host, String(endpoint.port), &hints, &list)
        guard code == 0 else { return .failure(ProbeFailure(String(cString: gai_strerror(code)))) }
        defer { freeaddrinfo(list) }
        var failure = ProbeFailure("no address")
        var next = list
        while let info = next?.pointee {
            let descriptor = socket(
                info.ai_family,
                info.ai_socktype | Int32(SOCK_CLOEXEC.rawValue),
                info.ai_protocol
            )
            next = info.ai_next
            guard descriptor >= 0 else { continue }
            // On Linux the limit for sending is also the one for connecting.
            var limit = timeval(tv_sec: seconds, tv_usec: 0)
            setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
            setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
            if connect(descriptor, info.ai_addr, info.ai_addrlen) == 0 { return .success(descriptor) }
            failure = ProbeFailure(
                errno == EINPROGRESS ? "no answer within \(seconds) s" : String(cString: strerror(errno))
            )
            close(descriptor)
        }
        return .failure(failure)
    }

    /// The head of the answer to a HEAD request over plain HTTP.
    static func head(of url: String) -> Result<String, ProbeFailure> {
        guard url.hasPrefix("http://"), let endpoint = Endpoint(url: url) else {
            return .failure(ProbeFailure("only plain HTTP is looked at"))
        }
        return connection(to: endpoint).flatMap { descriptor in
            defer { close(descriptor) }
            let path = url.dropFirst("http://".count).drop { $0 != "/" }
            let request =
                "HEAD \(path) HTTP/1.1\r\nHost: \(endpoint)\r\nUser-Agent: wharf-doctor\r\nConnection: close\r\n\r\n"
            let bytes = Array(request.utf8)
            guard send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count else {
                return .failure(ProbeFailure(String(cString: strerror(errno))))
            }
            var answer: [UInt8] = []
            var buffer = [UInt8](repeating: 0, count: 8 << 10)
            while answer.count < 64 << 10 {
                let count = recv(descriptor, &buffer, buffer.count, 0)
                if count <= 0 { break }
                answer += buffer[..<count]
            }
            return .success(String(decoding: answer, as: UTF8.self))
        }
    }
}

/// Why a probe failed.
struct ProbeFailure: Error {
    let reason: String

    init(_ reason: String) { self.reason = reason }
}
