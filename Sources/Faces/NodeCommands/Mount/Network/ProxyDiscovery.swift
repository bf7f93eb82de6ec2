// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CVMFSReader
internal import HTTPFetching
internal import TransferPlanning

#if canImport(Glibc)
internal import Glibc
#endif

/// Finds the proxies that `auto` stands for.
///
/// From the variable `http_proxy`, else from the proxy files that `CVMFS_PAC_URLS` names. The last list that was found is kept in the cache directory, for starts without a network.
///
/// - Source: cvmfs-format H.4.
struct ProxyDiscovery {
    private let settings: MountSettings
    private let fetcher: HTTPFetcher
    private let report: (String) -> Void

    init(_ settings: MountSettings, fetcher: HTTPFetcher, _ report: @escaping (String) -> Void) {
        self.settings = settings
        self.fetcher = fetcher
        self.report = report
    }

    /// The list with what was found in the place of `auto`.
    func resolved(_ list: ProxyString?) -> ProxyString? {
        guard let list, list.isAutomatic else { return list }
        return list.replacingAutomatic(by: find())
    }

    private func find() -> ProxyString {
        if let text = getenv("http_proxy").map({ String(cString: $0) }), !text.isEmpty {
            if let address = ProxyAddress(text) { return ProxyString(groups: [[.proxy(address)]]) }
            report("the variable http_proxy holds no proxy")
        }
        for url in urls {
            guard let found = ask(url) else { continue }
            _ = SmallFile.write(found.text + "\n", to: path)
            return found
        }
        if let kept = SmallFile.read(path),
            let line = String(decoding: kept, as: UTF8.self).split(separator: "\n").first,
            let list = try? ProxyString(String(line))
        {
            report("no proxies were found; those of the last time are used: \(line)")
            return list
        }
        return ProxyString(groups: [])
    }

    private var urls: [String] {
        let list = getenv("CVMFS_PAC_URLS").map { String(cString: $0) } ?? ""
        return list.split(separator: ";").map { $0 == "auto" ? "http://wpad/wpad.dat" : String($0) }
    }

    private func ask(_ url: String) -> ProxyString? {
        let receiver = MemoryReceiver(limit: ProxyFile.sizeLimit)
        do {
            _ = try fetcher.get(FetchRequest(url: url), into: receiver)
            let server = settings.servers.first ?? ""
            let file = try ProxyFile(receiver.bytes)
            let answer = try file.proxy(
                for: server,
                host: GeoOrder.host(server),
                addresses: { HostNames.addresses(of: $0, .only4) },
                ownAddress: NodeAddress.text
            )
            return ProxyFile.list(answer)
        } catch {
            report("the proxies of \(url) cannot be used: \(error)")
            return nil
        }
    }

    private var path: String { "\(settings.cacheDirectory)/proxies.\(settings.repository)" }
}

/// The address that a node has towards the outside.
enum NodeAddress {
    /// Of the fourth version; that of the loopback where there is no other.
    static var text: String {
        // Nothing is sent: the kernel only chooses the way.
        let descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return "127.0.0.1" }
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(9).bigEndian
        // An address of the documentation's range (RFC 5737): any that is not ours does.
        address.sin_addr.s_addr = UInt32(0xc000_0201).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isKnown = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, length) == 0 && getsockname(descriptor, $0, &length) == 0
            }
        }
        var text = [CChar](repeating: 0, count: Int(INET_ADDRSTRLEN))
        guard isKnown, inet_ntop(AF_INET, &address.sin_addr, &text, socklen_t(text.count)) != nil else {
            return "127.0.0.1"
        }
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
