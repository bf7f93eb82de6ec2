// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CVMFSCatalog
internal import CVMFSFormat
internal import Digests
internal import HTTPFetching
internal import Problems

#if canImport(Glibc)
internal import Glibc
#endif

/// Verifies the list of everything that was ever a root.
///
/// A replica keeps a list of its own, so the manifest's checksum is compared at the owner only.
/// - Source: cvmfs-format B.9, C.19 (2); cvmfs-observed, "A Stratum 1 copies the manifest unchanged".
struct ReflogCheck {
    let source: any RepositorySource
    /// Where scratch files may be made.
    let scratch: String
    let sink: FaultSink

    private static let file = ".cvmfsreflog"
    /// Exists at the owner only.
    private static let ownerMark = ".cvmfs_master_replica"

    /// Verifies the list of a revision.
    func run(_ manifest: PublishedManifest) {
        guard let expected = manifest.reflog else { return }
        let path = scratch + "/reflog"
        defer { unlink(path) }
        do {
            let receiver = try FileReceiver(path: path, algorithm: expected.algorithm)
            _ = try source.fetch(Self.file, range: nil, validator: nil, into: receiver)
            if receiver.hash != expected, try source.contains(Self.ownerMark) {
                sink.add(.reflog, Self.file, "the file does not have the hash that the manifest says")
            }
            check(Set(try ReflogDatabase.read(path: path).map { Key($0.hash, $0.kind) }), manifest)
        } catch {
            sink.add(.reflog, Self.file, "\(error)")
        }
    }

    private struct Key: Hashable {
        let hash: ContentHash
        let kind: ReflogReference.Kind

        init(_ hash: ContentHash, _ kind: ReflogReference.Kind) {
            self.hash = hash
            self.kind = kind
        }
    }

    private func check(_ references: Set<Key>, _ manifest: PublishedManifest) {
        let roots: [(ContentHash?, ReflogReference.Kind, String)] = [
            (manifest.rootCatalog, .catalog, "root catalog"),
            (manifest.certificate, .certificate, "certificate"),
            (manifest.history, .history, "history"), (manifest.metainfo, .metainfo, "meta information"),
        ]
        for (hash, kind, name) in roots {
            guard let hash, !references.contains(Key(hash, kind)) else { continue }
            sink.add(.reflog, Self.file, "the current \(name) \(hash) is not listed")
        }
    }
}

/// Writes what it receives into a file, and hashes it on the way.
private final class FileReceiver: ContentReceiver {
    private(set) var hash: ContentHash?
    private let path: String
    private let descriptor: Int32
    private let algorithm: ContentHashAlgorithm
    private let hasher: IncrementalDigest

    init(path: String, algorithm: ContentHashAlgorithm) throws {
        self.path = path
        self.algorithm = algorithm
        hasher = IncrementalDigest(algorithm.digestAlgorithm)
        descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw SystemCallProblem("create", path) }
    }

    deinit { close(descriptor) }

    func restart() throws {
        _ = hasher.finish()
        guard ftruncate(descriptor, 0) == 0, lseek(descriptor, 0, SEEK_SET) == 0 else {
            throw SystemCallProblem("truncate", path)
        }
    }

    func receive(_ bytes: UnsafeRawBufferPointer) throws {
        hasher.update(bytes)
        var rest = bytes
        while !rest.isEmpty {
            let count = write(descriptor, rest.baseAddress, rest.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw SystemCallProblem("write", path) }
            rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        }
    }

    func finish() { hash = ContentHash(algorithm: algorithm, bytes: hasher.finish()) }
}
