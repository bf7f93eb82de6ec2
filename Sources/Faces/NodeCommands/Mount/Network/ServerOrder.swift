// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CVMFSReader
internal import HTTPFetching
internal import TransferPlanning

#if canImport(Glibc)
internal import Glibc
#endif

/// Sorts the servers, and the fall-back proxies, by their distance, which some of the servers are asked for.
///
/// The last good answer is kept in the cache directory, for starts without a network; one that is fresh is not asked for again.
struct ServerOrder {
    /// How long an answer is used without asking.
    private static let freshnessInSeconds: Int64 = 86400

    private let settings: MountSettings
    private let servers: [String]
    private let proxies: ProxyString
    private let fallback: ProxyString
    private let fetcher: HTTPFetcher
    private let report: (String) -> Void

    init(
        _ settings: MountSettings,
        proxies: ProxyString,
        fallback: ProxyString,
        fetcher: HTTPFetcher,
        _ report: @escaping (String) -> Void
    ) {
        self.settings = settings
        servers = ServerList.bases(settings.servers)
        self.proxies = proxies
        self.fallback = fallback
        self.fetcher = fetcher
        self.report = report
    }

    /// The servers and the fall-back proxies, nearest first; as configured where nobody can tell.
    func sorted() -> (servers: [String], fallback: ProxyString) {
        guard servers.count > 1 || fallback.groups.count > 1 else { return (servers, fallback) }
        let kept = keptAnswer()
        let answer =
            kept.flatMap { $0.age < Self.freshnessInSeconds ? $0.answer : nil } ?? ask() ?? kept?.answer
        guard let answer, let order = order(answer) else {
            report("no server tells the order by distance; they are used as configured")
            return (servers, fallback)
        }
        return (
            order.servers.map { servers[$0] },
            ProxyString(groups: order.fallbacks.map { fallback.groups[$0] })
        )
    }

    private func order(_ answer: [UInt8]) -> (servers: [Int], fallbacks: [Int])? {
        GeoOrder.answer(answer, servers: servers.count, fallbacks: fallbackHosts.count)
    }

    /// The first proxy of each group stands for it.
    private var fallbackHosts: [String] {
        fallback.groups.compactMap { group in
            for case .proxy(let address) in group { return address.host }
            return nil
        }
    }

    private func ask() -> [UInt8]? {
        var members: [ProxyMember] = []
        for case .proxy(let address) in proxies.groups.joined() {
            members.append(ProxyMember(address, at: address))
        }
        let member = members.first ?? .direct
        let caller = settings.network.callerInQuestions ?? member.name?.host ?? NodeName.text
        for server in servers.shuffled().prefix(GeoOrder.questionLimit) {
            let url = GeoOrder.question(
                to: server,
                caller: caller,
                servers: servers,
                fallbacks: fallbackHosts
            )
            let receiver = MemoryReceiver(limit: 1 << 16)
            do {
                _ = try fetcher.get(FetchRequest(url: url), by: member, into: receiver)
                guard order(receiver.bytes) != nil else {
                    report(
                        "\(server) tells no order of the servers: '\(String(decoding: receiver.bytes.prefix(80), as: UTF8.self))'"
                    )
                    continue
                }
                keep(receiver.bytes)
                return receiver.bytes
            } catch {
                report("\(server) cannot be asked for the order of the servers: \(error)")
            }
        }
        return nil
    }

    // MARK: What is kept

    private var path: String { "\(settings.cacheDirectory)/servers.\(settings.repository)" }

    /// What the answer is about: another question needs another answer.
    private var question: String { (servers + [fallback.text, proxies.text]).joined(separator: " ") }

    private func keptAnswer() -> (answer: [UInt8], age: Int64)? {
        guard let content = SmallFile.read(path) else { return nil }
        let lines = String(decoding: content, as: UTF8.self).split(separator: "\n")
        guard lines.count == 3, lines[0] == question, let time = Int64(lines[1]) else { return nil }
        let age = Int64(Glibc.time(nil)).subtractingReportingOverflow(time)
        // A time in the future is as good as none.
        return age.overflow || age.partialValue < 0 ? nil : (Array(lines[2].utf8), age.partialValue)
    }

    private func keep(_ answer: [UInt8]) {
        let line = String(decoding: answer.filter { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
        // It is of use only at the next start; without it, that one asks again.
        _ = SmallFile.write("\(question)\n\(time(nil))\n\(line)\n", to: path)
    }
}

/// What a node is called where it needs a name of its own.
enum NodeName {
    /// The machine's number, as systemd keeps it; it says nothing about the node to those who do not know it already.
    static var text: String {
        let bytes = (SmallFile.read("/etc/machine-id") ?? []).prefix { $0 > 0x20 }
        let isNumber =
            !bytes.isEmpty && bytes.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
        return isNumber ? String(decoding: bytes, as: UTF8.self) : "wharf"
    }
}
