// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CVMFSCatalog
internal import CVMFSFormat
internal import CVMFSReader
internal import Digests
internal import Foundation
internal import HTTPFetching
internal import ObjectCache
internal import Problems

/// A repository that a command reads: in the data directory, in any directory, or behind an address.
///
/// Objects pass through a scratch directory that goes when this value goes.
final class OpenRepository {
    let name: RepositoryFQRN
    let keys: MasterKeys
    let source: any RepositorySource
    let cache: ObjectCache
    let reader: RepositoryReader
    /// The repository's root if it is on this machine.
    let directory: String?
    /// The data directory, if the repository is one of its own.
    let data: String?
    let scratch: String

    private static let cacheLimit: Int64 = 4 << 30

    /// Finds a repository by its words.
    ///
    /// - Throws: `RepoProblem`, and what a scratch directory and keys may throw.
    init(_ words: String, _ place: RepositoryPlace) throws {
        if words.hasPrefix("http://") || words.hasPrefix("https://") {
            source = HTTPSource(
                ServerList([words], fetcher: HTTPFetcher(HTTPFetcher.Configuration())) {
                    StandardStream.error.write("wharf: \($0)\n")
                }
            )
            (directory, data) = (nil, nil)
        } else {
            let isPath = words.contains("/")
            let root = isPath ? words : "\(place.data)/repositories/\(words)"
            guard access(root + "/.cvmfspublished", F_OK) == 0 else {
                throw RepoProblem(
                    .noRepository,
                    "there is no repository \(isPath ? "in " : "")\(words)\(isPath ? "" : " in \(place.data)")",
                    remedy: isPath
                        ? "name the directory that holds .cvmfspublished"
                        : "name the data directory with --data, or list its repositories with 'wharf repo ls'"
                )
            }
            source = DirectorySource(root)
            directory = root
            data = isPath ? nil : place.data
        }
        name = try Self.name(words, source)
        keys = try Self.keys(name, place, isOurs: data != nil)
        scratch = try Self.makeScratch()
        cache = try ObjectCache(
            directory: scratch,
            limitInBytes: Self.cacheLimit,
            now: Self.now,
            report: { _ in }
        )
        reader = RepositoryReader(
            repository: name,
            source: source,
            keys: keys,
            cache: cache,
            memory: nil,
            now: Self.now
        )
    }

    deinit { try? FileManager.default.removeItem(atPath: scratch) }

    /// Unix seconds.
    static let now: @Sendable () -> Int64 = { Int64(Date().timeIntervalSince1970) }

    /// The verified manifest.
    func head() throws(ReaderProblem) -> RepositoryReader.Head {
        guard let head = try reader.head() else {
            throw ReaderProblem(.unreachable, "\(source.label) gave no manifest")
        }
        return head
    }

    /// The root directory of a revision.
    func root(_ revision: RevisionOption) throws -> DirectoryPlace {
        let head = try head()
        guard let tag = revision.tag else { return .root(head.manifest.manifest.rootCatalog) }
        return .root(try reader.snapshot(tag, of: head).rootCatalog)
    }

    /// A walker of the repository's trees.
    func walker() -> TreeWalker { TreeWalker(CatalogShelf(reader.objects, limit: 64)) }

    // MARK: Finding out

    /// The last component of a path or address is the name if it can be one; else the manifest says it.
    private static func name(_ words: String, _ source: any RepositorySource) throws -> RepositoryFQRN {
        let last = words.split(separator: "/").last.map(String.init) ?? words
        if let name = RepositoryFQRN(last), last.first?.isNumber != true || !words.contains("/") {
            return name
        }
        let receiver = MemoryReceiver(limit: 64 << 10)
        _ = try source.fetch(".cvmfspublished", range: nil, validator: nil, into: receiver)
        let stated = try PublishedManifest(text: SignedLetter(receiver.bytes).text).repository
        guard let name = RepositoryFQRN(stated) else {
            throw RepoProblem(.badName, "the manifest of \(words) states the name '\(stated)', which is none")
        }
        return name
    }

    private static func keys(
        _ name: RepositoryFQRN,
        _ place: RepositoryPlace,
        isOurs: Bool
    ) throws -> MasterKeys {
        let files = place.publicKeys.isEmpty && isOurs ? ["\(place.data)/keys/\(name).pub"] : place.publicKeys
        guard !files.isEmpty else {
            throw RepoProblem(
                .noKey,
                "the master public key of \(name) is not known",
                remedy: "give it with --public-key FILE; its operator tells the fingerprint"
            )
        }
        return try MasterKeys(
            pemFiles: files.map { file in
                do { return [UInt8](try Data(contentsOf: URL(fileURLWithPath: file))) } catch {
                    throw RepoProblem(.noKey, "the public key \(file) cannot be read", cause: error)
                }
            }
        )
    }

    private static func makeScratch() throws -> String {
        let parent = ProcessInfo.processInfo.environment["TMPDIR"] ?? "/tmp"
        var template = Array("\(parent)/wharf-repo-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw SystemCallProblem("make a directory in", parent) }
        return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
