// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CVMFSFormat
internal import CVMFSReader
internal import Digests
internal import FUSEWire
internal import ObjectCache
internal import Synchronization

#if canImport(Glibc)
internal import Glibc
#endif

/// Answers requests.
///
/// Each thread has its own, with its own connections to the catalogs and its own open objects.
final class RequestHandler {
    let state: MountState
    let policy: FetchPolicy
    let reply: ReplyBuffer
    let walker: TreeWalker
    let desk: ObjectDesk
    let counters: MountCounters.Lane
    /// `nil` unless it is measured how long requests take.
    let latencies: Latencies.Lane?
    /// What was shown when the request arrived that is answered.
    private(set) var epoch: UInt64 = 0
    /// The first members of the hard link groups of the directory that was looked at last.
    var linkGroups = LinkGroups()
    /// The files that the desk of touches was told of.
    var touchMemory = TouchMemory()

    init(_ state: MountState, policy: FetchPolicy) {
        self.state = state
        self.policy = policy
        reply = ReplyBuffer(payloadCapacity: (1 << 20) + 4096)
        let limit = policy == .localOnly ? 8 : 2
        walker = TreeWalker(
            CatalogShelf(state.reader.objects, limit: limit, library: state.catalogs) { [state] place in
                guard state.options.fetchesNeighbours else { return }
                state.neighbours.waited(for: place, state)
            }
        )
        counters = state.counters.lane()
        latencies = state.latencies?.lane()
        desk = ObjectDesk(
            state.reader.objects,
            countLimit: policy == .localOnly ? 64 : 4,
            byteLimit: { [cache = state.cache] in min(16 << 20, cache.limitInBytes / 64) }
        )
        state.desks.add(desk)
    }

    /// Whether there is an answer to send.
    enum Outcome {
        case answer
        case nothing
        /// Only a thread that may wait for the network can answer.
        case needsFetch
    }

    /// Answers a request into `reply`.
    func handle(_ request: Request) -> Outcome {
        reply.begin(unique: request.header.unique)
        epoch = state.epoch
        do {
            guard try answer(request) else { return .nothing }
            counters.countRequest()
            return .answer
        } catch is NeedsFetch {
            counters.countFetch()
            return .needsFetch
        } catch {
            if !(error is RequestFailure) {
                state.report("cannot answer a request about \(name(of: request.header.node)): \(error)")
            }
            let code = RequestFailure.errorNumber(for: error)
            if code == EIO { counters.countFailure(at: Int64(time(nil))) }
            counters.countRequest()
            reply.fail(code)
            return .answer
        }
    }

    private func name(of node: UInt64) -> String {
        guard case .node(let known) = state.nodes[node] else { return "node \(node)" }
        return "/" + String(decoding: known.path.dropFirst(), as: UTF8.self)
    }

    /// Returns whether the request has an answer.
    private func answer(_ request: Request) throws -> Bool {
        let node = request.header.node
        switch request.operation {
        case .lookup(let name): try lookup(name, in: node)
        case .forget(let count):
            state.nodes.forget(node, count)
            return false
        case .batchForget(let list):
            for (node, count) in list { state.nodes.forget(node, count) }
            return false
        case .getAttributes: try getAttributes(node)
        case .readLink: try readLink(node)
        case .open:
            try open(node)
            counters.countOpen()
        case .read(let arguments): try read(node, arguments)
        case .readDirectory(let arguments):
            if arguments.offset == 0 { counters.countListing() }
            try readDirectory(node, arguments)
        case .readDirectoryPlus(let arguments):
            if arguments.offset == 0 { counters.countListing() }
            try readDirectoryPlus(node, arguments)
        case .release: state.openFiles.release(node)
        case .fileSystemStatus: fileSystemStatus()
        case .getExtendedAttribute(let name, let limit):
            try getExtendedAttribute(name, request.header, limit)
        case .listExtendedAttributes(let limit): try listExtendedAttributes(node, limit)
        case .destroy, .releaseDirectory: break
        case .modification: throw RequestFailure(EROFS)
        case .openDirectory: try openDirectory()
        // Never asked again after one ENOSYS: interrupted callers are answered anyway.
        case .interrupt, .initialise, .unsupported: throw RequestFailure(ENOSYS)
        }
        return true
    }

    /// The node of a number, renewed if it is a directory of an older revision.
    ///
    /// - Throws: ENOENT if the revision that is shown has no such directory any more.
    func current(_ id: UInt64) throws -> Node {
        let node = try node(id)
        // Without the lock that guards all of what is shown: nearly always nothing has changed.
        guard node.entry.isDirectory, node.epoch != state.epoch else { return node }
        let shown = state.shown
        let components = node.path.split(separator: UInt8(ascii: "/")).map { Array($0) }
        guard let found = try walker.find(components, from: shown.root, policy), found.entry.isDirectory
        else {
            throw RequestFailure(ENOENT)
        }
        return state.nodes.renew(
            id,
            candidate(found, at: node.path, place: walker.key(node.path), shown.epoch)
        )
    }

    /// The node of a number, read again from its catalog if it is not among the recent ones.
    private func node(_ id: UInt64) throws -> Node {
        switch state.nodes[id] {
        case nil: throw RequestFailure(ESTALE)
        case .node(let node): return node
        case .located(let located):
            let node = try NodeReading.node(of: located, walker, policy, state.options)
            state.nodes.keep(node, of: located)
            return node
        }
    }

    /// Describes an entry for the table of nodes.
    func candidate(
        _ found: FoundEntry,
        at path: [UInt8],
        place: PathKey,
        _ epoch: UInt64
    ) -> NodeTable.Candidate {
        NodeTable.Candidate(
            path: path,
            found: found,
            place: place,
            epoch: epoch,
            linkTarget: NodeReading.linkTarget(of: found.entry, at: path, state.options)
        )
    }

    /// Where the children of a directory are.
    func place(of node: Node) throws -> DirectoryPlace {
        guard node.entry.isDirectory else { throw RequestFailure(ENOTDIR) }
        if let place = node.children.withLock({ $0 }) { return place }
        let place = try walker.place(of: node.entry, at: node.catalogPath, in: node.catalog, policy)
        node.children.withLock { $0 = place }
        return place
    }

    /// The answer that tells the kernel of a node.
    func entry(_ node: Node) -> NodeEntry {
        NodeEntry(
            node: node.id,
            attributes: node.attributes(state.options),
            nameValidity: state.options.validity,
            attributeValidity: state.options.validity
        )
    }
}
