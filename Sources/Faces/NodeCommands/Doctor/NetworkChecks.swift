// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CVMFSFormat
internal import HTTPFetching

#if canImport(Glibc)
internal import Glibc
#endif

/// The way to the servers: names, proxies, answers, and what their clocks say.
struct NetworkChecks {
    private let servers: [String]
    private let proxies: [String]
    private let isPrivate: Bool

    /// Looks at servers (base addresses) through proxies (`http://host:port`).
    ///
    /// A private repository is refused to whoever shows nothing, as these probes do: a server that does so answers.
    init(servers: [String], proxies: [String], isPrivate: Bool) {
        self.servers = servers
        self.proxies = proxies
        self.isPrivate = isPrivate
    }

    /// Looks at all of it, in the order of a request.
    func all() -> [Finding] {
        guard servers.contains(where: { !$0.hasPrefix("/") }) else {
            return [directory()]
        }
        let names = dns()
        guard names.verdict != .wrong else {
            return [names] + [.proxy, .server, .clock].map { .skipped($0, "names do not resolve") }
        }
        let proxy = proxyCheck()
        let answers = servers.map { (server: $0, answer: HostProbe.head(of: $0 + "/.cvmfspublished")) }
        return [names, proxy, server(answers, proxy), clock(answers.compactMap { try? $0.answer.get() })]
    }

    private func directory() -> Finding {
        let path = servers.first ?? ""
        guard access(path + "/.cvmfspublished", R_OK) == 0 else {
            return .wrong(
                .server,
                "\(path) holds no repository: \(String(cString: strerror(errno)))",
                "check --server"
            )
        }
        return .fine(.server, "a directory of this machine")
    }

    private func dns() -> Finding {
        let hosts =
            (servers.compactMap { HostProbe.Endpoint(url: $0)?.host }
                + proxies.compactMap { HostProbe.Endpoint(url: $0, standardPort: 3128)?.host })
        var known: Set<String> = []
        var missing: [String] = []
        for host in hosts where known.insert(host).inserted {
            if HostNames.addresses(of: host, .any).isEmpty { missing.append(host) }
        }
        guard missing.isEmpty else {
            let text = "names do not resolve: " + missing.joined(separator: ", ")
            let remedy = "check the spelling in /etc/cvmfs, and /etc/resolv.conf: getent hosts NAME"
            return missing.count < known.count ? .doubtful(.dns, text, remedy) : .wrong(.dns, text, remedy)
        }
        return .fine(.dns, known.sorted().joined(separator: ", "))
    }

    private func proxyCheck() -> Finding {
        guard !proxies.isEmpty else { return .fine(.proxy, "servers are asked directly") }
        var failures: [String] = []
        for proxy in proxies {
            guard let endpoint = HostProbe.Endpoint(url: proxy, standardPort: 3128) else {
                failures.append("\(proxy) is no address")
                continue
            }
            switch HostProbe.connection(to: endpoint) {
            case .success(let descriptor): close(descriptor)
            case .failure(let failure): failures.append("\(endpoint): \(failure.reason)")
            }
        }
        guard !failures.isEmpty else { return .fine(.proxy, proxies.joined(separator: ", ")) }
        let text = "cannot connect to " + failures.joined(separator: ", ")
        let remedy = "ask the site for its proxies, and set CVMFS_HTTP_PROXY in /etc/cvmfs/default.local"
        return failures.count < proxies.count ? .doubtful(.proxy, text, remedy) : .wrong(.proxy, text, remedy)
    }

    private func server(
        _ answers: [(server: String, answer: Result<String, ProbeFailure>)],
        _ proxy: Finding
    ) -> Finding {
        var failures: [String] = []
        for (server, answer) in answers where server.hasPrefix("http://") {
            switch answer {
            case .failure(let failure): failures.append("\(server): \(failure.reason)")
            case .success(let head):
                let status =
                    head.prefix { $0 != "\r\n" && $0 != "\n" }.split(separator: " ").dropFirst().first
                    ?? "none"
                let isRefusal = isPrivate && ["401", "403", "404"].contains(status)
                if status != "200", !isRefusal {
                    failures.append("\(server)/.cvmfspublished: status \(status)")
                }
            }
        }
        guard !failures.isEmpty else { return .fine(.server, servers.joined(separator: ", ")) }
        let text = "no answer without a proxy from " + failures.joined(separator: ", ")
        // Behind a proxy nodes need no way of their own to the servers.
        if !proxies.isEmpty, proxy.verdict == .fine { return .fine(.server, "asked through the proxy only") }
        let remedy =
            "check the name in CVMFS_SERVER_URL, and whether a firewall asks for a proxy (CVMFS_HTTP_PROXY)"
        return failures.count < servers.count
            ? .doubtful(.server, text, remedy) : .wrong(.server, text, remedy)
    }

    private func clock(_ heads: [String]) -> Finding {
        guard let date = heads.compactMap(Self.date).first else {
            return .skipped(.clock, "no server said what time it is")
        }
        let offset = Int64(time(nil)) - date
        guard abs(offset) > 300 else { return .fine(.clock, "agrees with the server's") }
        let text =
            "this machine's clock is \(abs(offset)) s \(offset > 0 ? "ahead" : "behind") of the server's"
        return .wrong(.clock, text, "timedatectl set-ntp true, or: chronyc makestep")
    }

    /// The moment of a `Date` header, in unix seconds.
    private static func date(_ head: String) -> Int64? {
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        let lines = head.split(whereSeparator: \.isNewline)
        guard let line = lines.first(where: { $0.lowercased().hasPrefix("date:") }) else { return nil }
        let words = line.dropFirst(5).split(whereSeparator: { " ,:".contains($0) })
        guard words.count >= 7, let month = months.firstIndex(of: String(words[2])) else { return nil }
        func two(_ text: some StringProtocol) -> String { text.count == 1 ? "0\(text)" : String(text) }
        let stamp = "\(words[3])\(two("\(month + 1)"))\(two(words[1]))\(words[4])\(words[5])\(words[6])"
        return CalendarTime(stamp: stamp)?.unixSeconds
    }
}
