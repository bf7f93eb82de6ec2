// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CVMFSFormat
internal import CompressionCodecs
internal import Digests
internal import Dispatch
internal import HTTPFetching
internal import Synchronization

/// The objects that a repository refers to, each looked for once.
///
/// Questions are asked in batches on several threads, since a server may be far away. Memory: 24 bytes and the overhead of
/// a set for each object.
final class ObjectInventory {
    /// How objects are looked at.
    enum Depth: Sendable {
        /// Whether they are there.
        case presence
        /// Whether their bytes have their hash, and inflate to the size that the catalog says.
        case content
    }

    private struct Expectation: Sendable {
        let object: ObjectFetcher.Wanted
        let path: [UInt8]
    }

    private let source: any RepositorySource
    private let depth: Depth
    private let sink: FaultSink
    private var known: [ObjectKind: Set<ContentHash>] = [:]
    private var pending: [Expectation] = []

    private static let batch = 1024
    private static let threads = 8

    init(_ source: any RepositorySource, depth: Depth, sink: FaultSink) {
        self.source = source
        self.depth = depth
        self.sink = sink
    }

    /// How many objects are referred to.
    var count: Int { known.values.reduce(0) { $0 + $1.count } }

    /// Whether something refers to an object.
    func contains(_ hash: ContentHash, _ kind: ObjectKind) -> Bool { known[kind]?.contains(hash) ?? false }

    /// Says that an object has to be there; the path is where it is referred to first.
    func expect(_ object: ObjectFetcher.Wanted, at path: [UInt8]) {
        guard known[object.kind, default: []].insert(object.hash).inserted else { return }
        pending.append(Expectation(object: object, path: path))
        if pending.count >= Self.batch { flush() }
    }

    /// Says that an object's bytes have to have its hash, whatever they mean.
    func expectBytes(of hash: ContentHash, _ kind: ObjectKind, at path: [UInt8]) {
        pending.append(Expectation(object: .init(hash, kind, compression: .none), path: path))
        if pending.count >= Self.batch { flush() }
    }

    /// Says that an object was read and verified already.
    func noteVerified(_ hash: ContentHash, _ kind: ObjectKind) {
        known[kind, default: []].insert(hash)
    }

    /// Looks for everything that was not looked for yet.
    func flush() {
        let batch = pending
        pending = []
        let faults = Mutex<[(Int, RepositoryFault)]>([])
        let (source, depth, share) = (source, depth, (batch.count + Self.threads - 1) / Self.threads)
        DispatchQueue.concurrentPerform(iterations: Self.threads) { thread in
            for index in (thread * share)..<max(thread * share, min((thread + 1) * share, batch.count)) {
                guard let fault = Self.fault(of: batch[index], in: source, depth) else { continue }
                faults.withLock { $0.append((index, fault)) }
            }
        }
        for (_, fault) in faults.withLock({ $0 }).sorted(by: { $0.0 < $1.0 }) { sink.add(fault) }
    }

    private static func fault(
        of expectation: Expectation,
        in source: any RepositorySource,
        _ depth: Depth
    ) -> RepositoryFault? {
        let object = expectation.object
        let file = object.hash.objectPath(object.kind)
        let path = expectation.path.isEmpty ? "/" : String(decoding: expectation.path, as: UTF8.self)
        do {
            switch depth {
            case .presence:
                guard try source.contains(file) else {
                    return RepositoryFault(.missingObject, path, "\(file) does not exist")
                }
            case .content:
                let receiver = VerifyingReceiver(object.hash, compression: object.compression)
                _ = try source.fetch(file, range: nil, validator: nil, into: receiver)
                if let size = object.size, size != receiver.plainSize {
                    let detail = "\(file) inflates to \(receiver.plainSize) bytes, not \(size)"
                    return RepositoryFault(.objectSize, path, detail)
                }
            }
            return nil
        } catch let problem as FetchProblem where problem.code == .corrupt {
            return RepositoryFault(.corruptObject, path, "\(file): \(problem)")
        } catch {
            return RepositoryFault(.missingObject, path, "\(file) cannot be fetched: \(error)")
        }
    }
}
