// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CVMFSCatalog
internal import CVMFSFormat
internal import CVMFSReader
internal import Digests
internal import FUSEWire
internal import ObjectCache
internal import Synchronization

#if canImport(Glibc)
internal import Glibc
#endif

extension RequestHandler {
    /// Answers OPEN: never again after ENOSYS, which is what the no-open mode is.
    func open(_ id: UInt64) throws {
        guard !state.isNoOpen else { throw RequestFailure(ENOSYS) }
        let node = try current(id)
        guard node.entry.isRegular else { throw RequestFailure(EINVAL) }
        touch(node)
        switch state.openFiles.open(id, object: try wholeObject(of: node)) {
        case .cached: reply.appendOpen(handle: 0, flags: [.keepCache, .noFlush])
        case .passthrough(let backing):
            reply.appendOpen(handle: 0, flags: [.passthrough, .noFlush], backing: backing)
        }
    }

    /// Whether a large object has to be fetched for an answer.
    func mayTakeLong(_ request: Request) -> Bool {
        switch request.operation {
        case .read, .open:
            guard case .node(let node) = state.nodes[request.header.node] else { return false }
            return node.entry.size > ObjectFetcher.Wanted.smallSize
        default: return false
        }
    }

    /// Tells of a file's first use, once by each thread.
    private func touch(_ node: Node) {
        if touchMemory.isNew(node.id, edition: state.touches.currentEdition) { state.touches.note(node) }
    }

    /// Answers READ.
    func read(_ id: UInt64, _ arguments: ReadArguments) throws {
        let node = try current(id)
        guard node.entry.isRegular else { throw RequestFailure(EINVAL) }
        touch(node)
        guard let start = Int64(exactly: arguments.offset), start < node.entry.size else { return }
        let count = min(Int64(arguments.size), node.entry.size - start, Int64(reply.space))
        if node.entry.flags.contains(.chunked) {
            try readChunks(of: node, from: start, to: start + count)
        } else {
            try waiting(for: node) {
                try append(FileObjects.whole(node.found), from: start, count: Int(count))
            }
        }
    }

    /// Does what may fetch the content of a file that is not chunked.
    private func waiting<Result>(for node: Node, _ body: () throws -> Result) throws -> Result {
        // Here only because the content was not on this machine.
        guard policy == .mayFetch, state.options.fetchesNeighbours else { return try body() }
        state.neighbours.waited(for: node, state)
        let result = try body()
        state.neighbours.got(node, state)
        return result
    }

    private func readChunks(of node: Node, from start: Int64, to end: Int64) throws {
        let file = try chunks(of: node)
        let chunks = file.chunks
        // The first chunk that ends after the start; chunks are contiguous and in order.
        var index = chunks.partitionPoint { $0.offset + $0.size <= start }
        var position = start
        while position < end {
            guard index < chunks.count else { throw RequestFailure(EIO) }
            let chunk = chunks[index]
            let count = min(end, chunk.offset + chunk.size) - position
            let ahead = file.willRead(
                index,
                cacheSize: state.cache.limitInBytes,
                wholeFileLimit: state.options.fetchesNeighbours ? state.distance.wholeFileLimit : 0
            )
            try fetchAhead(ahead, of: file, node)
            try append(
                FileObjects.chunk(chunk, of: node.found),
                from: position - chunk.offset,
                count: Int(count)
            )
            if file.isPresent(index) { Self.join(file, node, state) }
            position += count
            index += 1
        }
        if policy == .mayFetch, state.options.fetchesNeighbours { state.neighbours.got(node, state) }
    }

    /// Appends a part of an object to the answer.
    ///
    /// Less than all of it is an error: a short answer would read as zeros.
    private func append(_ wanted: ObjectFetcher.Wanted, from offset: Int64, count: Int) throws {
        let space = reply.unused(upTo: count)
        let use = offset == 0 && Int64(count) == wanted.size ? ObjectDesk.Use.once : .inPieces
        let filled: Int
        do {
            filled = try desk.object(wanted, policy, use).read(at: offset, into: space)
        } catch let problem as CacheProblem where problem.code == .changed {
            // Somebody damaged the file below us: put it away, and fetch what it should be.
            desk.drop(wanted.hash)
            try state.cache.quarantine(wanted.hash)
            filled = try desk.object(wanted, policy).read(at: offset, into: space)
        }
        guard filled == count else { throw RequestFailure(EIO) }
        reply.use(filled)
    }

    /// The object that the kernel can read by itself instead of asking for its content; `nil` if there is none.
    private func wholeObject(of node: Node) throws -> CachedObject? {
        guard state.usesPassthrough, node.entry.size >= state.options.passthroughMinimum else { return nil }
        let object: CachedObject
        if node.entry.flags.contains(.chunked) {
            guard node.entry.size <= state.reader.objects.joinLimitInBytes else { return nil }
            let name = try chunks(of: node).joinedName
            let whole = ObjectFetcher.Wanted(name, .file, compression: .none, size: node.entry.size)
            if policy == .localOnly, state.reader.objects.isCostly(whole) { throw NeedsFetch() }
            guard let joined = try state.reader.objects.cached(whole) else { return nil }
            object = joined
        } else {
            object = try waiting(for: node) {
                try desk.object(FileObjects.whole(node.found), policy, .once)
            }
        }
        do { try object.verify() } catch {
            desk.drop(object.name)
            try state.cache.quarantine(object.name)
            // The next open finds it fetched or joined again; this one reads by copies.
            return nil
        }
        return object
    }

    /// Fetches chunks that will be wanted next, on other threads, while this one gets what is wanted now.
    private func fetchAhead(_ indexes: [Int], of file: ChunkedFile, _ node: Node) throws {
        for index in indexes {
            let wanted = try FileObjects.chunk(file.chunks[index], of: node.found)
            state.ahead.add { [state] in
                // Whoever needs the chunk meets the same trouble, and can be told.
                guard (try? state.reader.objects.objectAhead(wanted)) != nil, file.isPresent(index) else {
                    return
                }
                Self.join(file, node, state)
            }
        }
    }

    /// Joins the chunks of a file that are all here, so that its next open reads it whole.
    private static func join(_ file: ChunkedFile, _ node: Node, _ state: MountState) {
        let size = node.entry.size
        guard state.usesPassthrough, size >= state.options.passthroughMinimum,
            size <= state.reader.objects.joinLimitInBytes
        else { return }
        state.joins.add {
            do {
                let parts = try file.chunks.map { try FileObjects.chunk($0, of: node.found) }
                if try state.reader.objects.join(parts, as: file.joinedName, size: size) { return }
            } catch {
                state.report("a large file stays in chunks: \(error)")
            }
            file.forgetPresent()
        }
    }

    /// The chunks of a file.
    private func chunks(of node: Node) throws -> ChunkedFile {
        if let chunks = state.chunkLists[node.id] { return chunks }
        let chunks = try FileObjects.chunks(of: node.found, walker, policy)
        return state.chunkLists.keep(ChunkedFile(chunks), of: node.id)
    }
}

extension Array {
    /// The first index whose element does not satisfy a predicate that holds for all elements before it.
    fileprivate func partitionPoint(_ holds: (Element) -> Bool) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if holds(self[middle]) { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
