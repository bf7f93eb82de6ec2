// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CVMFSFormat
internal import ELFHeaders
internal import TransferPlanning

/// What a node reads of its site and of repositories before anything is verified, or beside it.
extension FuzzTarget {
    /// Lists of proxies are written down as they were read, and hold nothing that could end a request's line.
    static func proxies(_ text: String) throws(Finding) {
        if let list = try? ProxyString(text) {
            try check((try? ProxyString(list.text)) == list, "a list of proxies changed")
            try check(list.groups.allSatisfy { !$0.isEmpty }, "a group is empty")
            try check(
                list.text.utf8.allSatisfy { (0x21...0x7E).contains($0) },
                "a proxy holds a strange sign"
            )
            try check(!list.text.contains("@"), "a proxy holds a password")
        }
        for url in ["http://server/a", "https://server/a"] {
            guard let target = RedirectRule.target(text, from: url) else { continue }
            try check(
                target.hasPrefix("https://") || (url.hasPrefix("http://") && target.hasPrefix("http://")),
                "a redirection leads to another scheme"
            )
            try check(!RedirectRule.authority(of: target).isEmpty, "a redirection leads nowhere")
        }
        for servers in 1...4 {
            guard let order = GeoOrder.answer(Array(text.utf8), servers: servers, fallbacks: servers - 1)
            else {
                continue
            }
            try check(order.servers.sorted() == Array(0..<servers), "a server is lost")
            try check(order.fallbacks.sorted() == Array(0..<(servers - 1)), "a fall-back proxy is lost")
        }
    }

    /// Proxy files end, whatever they say.
    static func proxyFiles(_ bytes: [UInt8]) throws(Finding) {
        guard let file = try? ProxyFile(bytes) else { return }
        let answer = try? file.proxy(
            for: "http://server.example.org/cvmfs/a",
            host: "server.example.org",
            addresses: { $0.isEmpty ? [] : ["192.0.2.1"] },
            ownAddress: "10.0.0.1"
        )
        guard let answer else { return }
        let list = ProxyFile.list(answer)
        try check((try? ProxyString(list.text)) == list, "an answer is no list")
    }

    /// Programs need a bounded number of things, which have names, and what is looked for is in their image.
    static func programs(_ bytes: [UInt8]) throws(Finding) {
        let read: ELFDependencies.Read = { offset, count in
            guard offset >= 0, count > 0, offset < Int64(bytes.count) else { return [] }
            return Array(bytes[Int(offset)...].prefix(count))
        }
        guard let found = try? ELFDependencies(read) else { return }
        try check(found.libraries.count <= 512, "a program needs too much")
        for name in found.libraries + [found.interpreter].compactMap({ $0 }) {
            try check(!name.isEmpty && name.count < 4096 && !name.contains(0), "a library has a strange name")
        }
        let root = Array("/image".utf8)
        let paths = LibraryRule.directories(of: root + Array("/bin/p".utf8), found, root: root)
        try check(paths.allSatisfy { $0.starts(with: root) }, "libraries are looked for elsewhere")
        try check(paths.count <= 64, "libraries are looked for in too many directories")
    }

    /// Bundles name paths below the root alone, and are written down as they were read.
    static func bundles(_ bytes: [UInt8]) throws(Finding) {
        guard let bundle = try? FileBundle(bytes) else { return }
        try check((try? FileBundle(Array(bundle.text.utf8))) == bundle, "a bundle changed")
        for name in bundle.dependencies.joined() {
            try check(
                !name.isEmpty && name.count <= 255 && name != Array("..".utf8)
                    && !name.contains(UInt8(ascii: "/")),
                "a path leads out of the tree"
            )
        }
    }
}
