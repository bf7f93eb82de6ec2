// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CVMFSCatalog
internal import CVMFSFormat
internal import CVMFSReader
internal import Digests
internal import ObjectCache

/// Looks whether a file that was touched has a bundle beside it, and has the files of that fetched ahead.
///
/// On a thread of its own: whoever opened the file has got it long since, or waits for nothing but it.
final class BundleDesk: Sendable {
    private let state: MountState

    init(_ state: MountState) { self.state = state }

    /// Looks after the touched files until the desk of touches is closed.
    func run() {
        let walker = TreeWalker(CatalogShelf(state.reader.objects, limit: 2, library: state.catalogs))
        /// Most catalogs hold no bundle at all, which one look at each tells.
        var holdsBundles: [ContentHash: Bool] = [:]
        /// The bundles that were fetched, by content: a new revision may have a new one.
        var done: Set<ContentHash> = []
        while true {
            let nodes = state.touches.take()
            guard !nodes.isEmpty else { return }
            for node in nodes where !state.touches.isClosed {
                if holdsBundles.count > 10_000 { holdsBundles = [:] }
                if done.count > 10_000 { done = [] }
                do {
                    guard try self.holdsBundles(node, walker, &holdsBundles) else { continue }
                    try look(node, walker, &done)
                } catch {
                    state.report("no files are fetched ahead for \(name(node)): \(error)")
                }
            }
        }
    }

    private func name(_ node: Node) -> String { String(decoding: node.path, as: UTF8.self) }

    private func holdsBundles(
        _ node: Node,
        _ walker: TreeWalker,
        _ known: inout [ContentHash: Bool]
    ) throws -> Bool {
        if let answer = known[node.catalog.hash] { return answer }
        let place = DirectoryPlace(catalog: node.catalog, path: [])
        let answer = try walker.catalog(of: place, .mayFetch).hasName(beginningWith: FileBundle.prefix)
        known[node.catalog.hash] = answer
        return answer
    }

    private func look(_ node: Node, _ walker: TreeWalker, _ done: inout Set<ContentHash>) throws {
        let path =
            node.catalogPath.dropLast(node.entry.name.count) + Array(FileBundle.prefix.utf8) + node.entry.name
        guard let entry = try walker.entry(at: path, in: node.catalog, .mayFetch), entry.isRegular,
            !entry.flags.contains(.chunked), let hash = entry.hash, done.insert(hash).inserted
        else { return }
        let wanted = try FileObjects.whole(FoundEntry(entry: entry, catalog: node.catalog, path: Array(path)))
        let bundle = try FileBundle(state.reader.objects.object(wanted).bytes(limit: FileBundle.sizeLimit))
        let fetch = BundleFetch(bundle, state)
        fetch.run()
        state.report("fetched ahead for \(name(node)): \(fetch.summary)")
    }
}
