// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CVMFSCatalog
internal import CVMFSFormat
internal import CVMFSReader
internal import Digests
internal import ObjectCache

#if canImport(Glibc)
internal import Glibc
#endif

/// The values of magic attributes.
extension RequestHandler {
    /// What a magic attribute says of a node; `nil` if it says nothing here.
    ///
    /// - Throws: `NeedsFetch`, `ReaderProblem`.
    func magicValue(_ attribute: MagicAttribute, _ node: Node) throws -> [UInt8]? {
        guard attribute.applies(to: node.entry) else { return nil }
        switch attribute {
        case .metainfo: return try metainfo()
        case .rawLink, .rawLinkOfXFS: return node.entry.linkTarget
        default: break
        }
        let text =
            try repositoryText(attribute, node) ?? entryText(attribute, node) ?? networkText(attribute)
            ?? counterText(attribute) ?? processText(attribute)
            ?? state.options.facts[attribute.rawValue].map { $0() }
        return text.map { Array($0.utf8) }
    }

    /// Whether an attribute has a value for a node that is worth a place in a list.
    func isListed(_ attribute: MagicAttribute, on node: Node) -> Bool {
        switch attribute {
        case .authorization, .publicKeys, .version, .timeout, .directTimeout, .externalTimeout:
            state.options.facts[attribute.rawValue] != nil
        case .controlSocket: state.controlPath != nil
        case .metainfo: state.shown.manifest?.metainfo != nil
        default: attribute.applies(to: node.entry)
        }
    }

    private func repositoryText(_ attribute: MagicAttribute, _ node: Node) throws -> String? {
        let shown = state.shown
        switch attribute {
        case .repository: return state.reader.repository.name
        case .revision: return String(shown.revision)
        case .rootHash: return shown.rootHash.description
        case .tag: return shown.tag
        case .expires:
            guard let due = state.refreshDue else { return "never (fixed root catalog)" }
            return String(max(0, due - Int64(time(nil))) / 60)
        case .repositoryCounters: return Self.table(try walker.catalog(of: shown.root, policy).counters())
        case .catalogCounters:
            let place =
                node.entry.isDirectory
                ? try place(of: node) : DirectoryPlace(catalog: node.catalog, path: node.catalogPath)
            return """
                catalog_hash: \(place.catalog.hash)
                catalog_mountpoint: \(String(decoding: place.catalog.mountPath, as: UTF8.self))

                """ + Self.table(try walker.catalog(of: place, policy).counters())
        case .authorization: return try walker.catalog(of: shown.root, policy).properties["voms_authz"]
        default: return nil
        }
    }

    /// Lines of `counter,value`.
    private static func table(_ counters: [String: Int64]) -> String {
        counters.sorted { $0.key < $1.key }.map { "\($0.key),\($0.value)\n" }.joined()
    }

    private func entryText(_ attribute: MagicAttribute, _ node: Node) throws -> String? {
        let flags = node.entry.flags
        switch attribute {
        case .hash: return node.entry.hash?.description
        case .localHash: return try localHash(of: node)
        case .chunks: return String(flags.contains(.chunked) ? try chunkRows(of: node).count : 1)
        case .chunkList:
            let rows =
                flags.contains(.chunked)
                ? try chunkRows(of: node).map { "\($0.hash),\($0.offset),\($0.size)\n" }
                : node.entry.hash.map { ["\($0),0,\(node.entry.size)\n"] } ?? []
            return "hash,offset,size\n" + rows.joined()
        case .compression: return flags.compression?.name
        case .directIO: return flags.contains(.directIO) ? "1" : "0"
        case .external: return flags.contains(.external) ? "1" : "0"
        case .externalURL:
            guard let server = state.reader.external?.status.server else { return nil }
            return server + String(decoding: node.catalogPath, as: UTF8.self)
        default: return nil
        }
    }

    private func chunkRows(of node: Node) throws -> [FileChunk] {
        guard let algorithm = node.entry.flags.algorithm else { return [] }
        let place = DirectoryPlace(catalog: node.catalog, path: [])
        return try walker.catalog(of: place, policy)
            .chunks(of: walker.key(node.catalogPath), algorithm: algorithm)
    }

    /// The content's name if what the cache holds is that content, read again from the first byte to the last.
    private func localHash(of node: Node) throws -> String? {
        guard let hash = node.entry.hash, let compression = node.entry.flags.compression else { return nil }
        let wanted = ObjectFetcher.Wanted(hash, .file, compression: compression, size: node.entry.size)
        guard let object = try state.reader.objects.cached(wanted) else { return "not in the cache" }
        try object.verify()
        return hash.description
    }

    private func metainfo() throws -> [UInt8]? {
        guard let hash = state.shown.manifest?.metainfo else { return nil }
        let wanted = ObjectFetcher.Wanted(hash, .metainfo)
        switch policy {
        case .localOnly:
            guard let object = try state.reader.objects.cached(wanted) else { throw NeedsFetch() }
            return try object.bytes(limit: 64 << 10)
        case .mayFetch: return try state.reader.objects.object(wanted).bytes(limit: 64 << 10)
        }
    }

    private func networkText(_ attribute: MagicAttribute) -> String? {
        let status = state.reader.source.status
        switch attribute {
        case .host: return status.server ?? status.servers.first ?? state.reader.source.label
        case .hostList: return status.servers.joined(separator: ";")
        case .proxy: return status.proxy ?? "DIRECT"
        case .proxyList: return Self.groups(status.proxies)
        case .externalProxyList: return Self.groups(state.reader.external?.status.proxies ?? [])
        case .externalHost:
            let external = state.reader.external?.status
            return external?.server ?? external?.servers.first ?? ""
        default: return nil
        }
    }

    private static func groups(_ proxies: [[String]]) -> String {
        proxies.isEmpty ? "DIRECT" : proxies.map { $0.joined(separator: "|") }.joined(separator: ";")
    }

    private func counterText(_ attribute: MagicAttribute) -> String? {
        let counts = state.counters.sum
        let transfers = state.reader.objects.meter.sum
        switch attribute {
        case .opens: return String(counts.opens)
        case .listings: return String(counts.listings)
        case .failures: return String(counts.failures)
        case .lastFailure: return String(counts.lastFailure)
        case .hitRate: return String(Int(counts.hitRate * 1000) / 1000)
        case .cleanups: return String(state.cache.cleanupCount(since: Int64(time(nil)) - 86400))
        case .downloads: return String(transfers.objects)
        case .received: return String(transfers.bytes / 1024)
        case .speed:
            let seconds = transfers.duration.inSeconds
            return String(seconds > 0 ? Int64(Double(transfers.bytes) / 1024 / seconds) : 0)
        default: return nil
        }
    }

    private func processText(_ attribute: MagicAttribute) -> String? {
        switch attribute {
        case .process: String(getpid())
        case .uptime: String((ContinuousClock.now - state.started).components.seconds / 60)
        case .log: state.log.text
        case .usedDescriptors: String(ProcessFiles.count)
        // Listings hold no state, so no directory is ever open here.
        case .openDirectories: "0"
        case .maximalDescriptors: String(ProcessFiles.limit)
        case .maximalInode: String(state.options.inodes.maximum)
        case .controlSocket: state.controlPath
        case .kernelFeatures: state.featuresInUse.joined(separator: " ")
        case .loadedCatalogs: String(state.nodes.shownCatalogs().count)
        default: nil
        }
    }
}

/// The files that this process has open.
enum ProcessFiles {
    /// How many there are.
    static var count: Int {
        guard let stream = opendir("/proc/self/fd") else { return 0 }
        defer { closedir(stream) }
        var count = 0
        while readdir(stream) != nil { count += 1 }
        // Without `.`, `..` and the one that counts.
        return max(0, count - 3)
    }

    /// How many there may be.
    static var limit: UInt64 {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 0 }
        return UInt64(limit.rlim_cur)
    }
}
