// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CVMFSFormat
internal import CVMFSReader
internal import Digests
internal import ObjectCache
internal import Synchronization

/// Fetches the files of one bundle: first the catalogs that lead to them, then their objects, some at a time, and always after
/// those whom somebody waits for.
final class BundleFetch: Sendable {
    private struct State {
        var next = 0
        var wanted: [ObjectFetcher.Wanted] = []
        var bytes: Int64 = 0
        var failure: String?
        var missingCount = 0
        var fetchedCount = 0
    }

    private static let catalogThreads = 4
    private static let objectThreads = 8
    private let bundle: FileBundle
    private let mount: MountState
    private let root: DirectoryPlace
    private let byteLimit: Int64
    private let state = Mutex(State())

    init(_ bundle: FileBundle, _ mount: MountState) {
        self.bundle = bundle
        self.mount = mount
        root = mount.shown.root
        // What is fetched ahead must not push out what is in use.
        byteLimit = mount.cache.limitInBytes / 2
    }

    /// What became of it, for the log.
    var summary: String {
        state.withLock { state in
            var text =
                "\(state.fetchedCount) of \(state.wanted.count) objects of \(bundle.dependencies.count) files"
            if state.missingCount > 0 { text += ", \(state.missingCount) of which are not there" }
            if let failure = state.failure { text += "; \(failure)" }
            return text
        }
    }

    /// Fetches; blocks the calling thread.
    func run() {
        together(Self.catalogThreads) { [self] in find() }
        state.withLock { $0.next = 0 }
        together(Self.objectThreads) { [self] in fetch() }
    }

    private func together(_ count: Int, _ body: @escaping @Sendable () -> Void) {
        let threads = (0..<count).map { _ in WorkerThread("wharf-bundle") { body() } }
        for thread in threads { thread.join() }
    }

    /// Takes the next of a number of things; `nil` when there is none, or no sense in going on.
    private func next(of count: Int) -> Int? {
        guard !mount.touches.isClosed else { return nil }
        return state.withLock { state in
            guard state.failure == nil, state.next < count else { return nil }
            state.next += 1
            return state.next - 1
        }
    }

    private func find() {
        let walker = TreeWalker(CatalogShelf(mount.reader.objects, limit: 2, library: mount.catalogs))
        while let index = next(of: bundle.dependencies.count) {
            do {
                let wanted = try objects(of: bundle.dependencies[index], walker)
                state.withLock { state in
                    if let wanted { take(wanted, &state) } else { state.missingCount += 1 }
                }
            } catch {
                state.withLock { $0.failure = "\(error)" }
            }
        }
    }

    private func take(_ wanted: [ObjectFetcher.Wanted], _ state: inout State) {
        for object in wanted {
            let (sum, overflow) = state.bytes.addingReportingOverflow(object.size ?? 0)
            guard !overflow, sum <= byteLimit else {
                state.next = bundle.dependencies.count
                return
            }
            state.bytes = sum
            state.wanted.append(object)
        }
    }

    /// The objects of a file; none for anything else that is there, `nil` for what is not.
    private func objects(of path: [[UInt8]], _ walker: TreeWalker) throws -> [ObjectFetcher.Wanted]? {
        guard let found = try walker.find(path, from: root, .mayFetch) else { return nil }
        if found.entry.isDirectory {
            let place = try walker.place(of: found.entry, at: found.path, in: found.catalog, .mayFetch)
            _ = try walker.catalog(of: place, .mayFetch)
        }
        return found.entry.isRegular ? try FileObjects.all(of: found, walker, .mayFetch) : []
    }

    private func fetch() {
        let wanted = state.withLock { $0.wanted }
        while let index = next(of: wanted.count) {
            do {
                _ = try mount.reader.objects.objectAhead(wanted[index])
                state.withLock { $0.fetchedCount += 1 }
            } catch {
                // Whoever needs it will ask again, and be told.
                state.withLock { $0.failure = "\(error)" }
            }
        }
    }
}
