// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

package import CVMFSFormat
package import Digests
internal import HTTPFetching
package import ObjectCache
internal import TransferPlanning

/// Gets objects: from the cache if they are there, else from the source, verified before anyone sees them.
package final class ObjectFetcher: Sendable {
    private let source: any RepositorySource
    private let external: (any RepositorySource)?
    let cache: any CacheStore
    private let flights = SingleFlight()
    /// Counts what is fetched.
    package let meter = TransferMeter()

    /// Joins a source and a cache.
    ///
    /// - Parameters:
    ///   - source: holds the objects under `data/`.
    ///   - external: holds the content of external files under their paths, if the repository has any.
    ///   - cache: receives what is fetched.
    package init(source: any RepositorySource, external: (any RepositorySource)?, cache: any CacheStore) {
        self.source = source
        self.external = external
        self.cache = cache
    }

    /// What to fetch.
    package struct Wanted: Sendable {
        package var hash: ContentHash
        package var kind: ObjectKind
        package var compression: ObjectCompression
        /// The plain size; `nil` where nothing says it.
        package var size: Int64?
        /// For external files: the path inside the repository, and for their chunks the range.
        package var externalPath: [UInt8]?
        package var externalRange: ClosedRange<Int64>?
        /// Whether somebody waits for it.
        fileprivate var isAhead = false

        /// Up to this size nobody waits long for a connection that it keeps; chunks are larger.
        package static let smallSize: Int64 = 256 << 10

        fileprivate var weight: TransferWeight {
            if isAhead { return .ahead }
            if let size { return size <= Self.smallSize ? .small : .large }
            // Files say their size; of the other kinds only catalogs grow, and everybody waits for those.
            return kind == .file || kind == .chunk ? .large : .small
        }

        /// Whether the object is asked for by its link in the repository's root, which stays open where `data/` wants a login.
        package var isAlternative = false

        /// Where a server has the object, relative to the repository's root.
        ///
        /// - Source: cvmfs-format A.2, A.7.
        var path: String {
            isAlternative ? ".cvmfsalt-\(hash)\(kind.rawValue)" : hash.objectPath(kind)
        }

        /// Describes an object of the store.
        package init(
            _ hash: ContentHash,
            _ kind: ObjectKind,
            compression: ObjectCompression = .zlib,
            size: Int64? = nil
        ) {
            self.hash = hash
            self.kind = kind
            self.compression = compression
            self.size = size
        }
    }

    /// Whether an object is on this machine but takes long to open.
    package func isCostly(_ wanted: Wanted) -> Bool {
        // Most are small, and then there is no need to look.
        (wanted.size ?? 0) > 1 << 20 && cache.isCostly(wanted.hash)
    }

    /// Returns an object that is in the cache; `nil` if it is not.
    package func cached(_ wanted: Wanted) throws(ReaderProblem) -> CachedObject? {
        do {
            guard let object = try cache.open(wanted.hash) else { return nil }
            guard wanted.size == nil || wanted.size == object.size else {
                try cache.quarantine(wanted.hash)
                return nil
            }
            return object
        } catch {
            throw ReaderProblem(
                .local,
                "the object \(wanted.hash) cannot be read from the cache",
                cause: error
            )
        }
    }

    /// Returns an object, fetching it if necessary; blocks the calling thread.
    ///
    /// - Throws: `ReaderProblem`: `missing`, `corrupt`, `unreachable` or `local`.
    package func object(_ wanted: Wanted) throws(ReaderProblem) -> CachedObject {
        while true {
            if let object = try cached(wanted) { return object }
            do {
                if let object = try flights.run(wanted.hash, { try fetch(wanted) }) { return object }
            } catch let problem as ReaderProblem {
                throw problem
            } catch {
                throw Self.problem(wanted, error)
            }
        }
    }

    /// Returns an object that will be wanted, fetching it when that keeps nobody waiting.
    package func objectAhead(_ wanted: Wanted) throws -> CachedObject {
        if let object = try cached(wanted) { return object }
        var wanted = wanted
        wanted.isAhead = true
        let holder = wanted.externalPath == nil ? source : external ?? source
        return try holder.ahead { try object(wanted) }
    }

    private func fetch(_ wanted: Wanted) throws -> CachedObject {
        // Another thread may have finished between the look into the cache and the flight.
        if let object = try cached(wanted) { return object }
        let transaction = try cache.begin(wanted.kind == .file || wanted.kind == .chunk ? .data : .metadata)
        let receiver = ObjectReceiver(
            wanted.hash,
            compression: wanted.compression,
            size: wanted.size,
            transaction: transaction
        )
        if let path = wanted.externalPath {
            guard let external else {
                throw ReaderProblem(
                    .noServer,
                    "the file \(String(decoding: path, as: UTF8.self)) is kept outside of the repository",
                    remedy: "name its server with -o CVMFS_EXTERNAL_URL=URL"
                )
            }
            let relative = URLPath.escaped(path.drop { $0 == UInt8(ascii: "/") })
            _ = try meter.measure(receiver, isProbe: wanted.weight == .small) {
                try external.fetch(
                    relative,
                    range: wanted.externalRange,
                    validator: nil,
                    weight: wanted.weight,
                    into: $0
                )
            }
        } else {
            let path = wanted.path
            _ = try meter.measure(receiver, isProbe: wanted.weight == .small) {
                try source.fetch(path, range: nil, validator: nil, weight: wanted.weight, into: $0)
            }
        }
        return try transaction.commit(as: wanted.hash)
    }

    private static func problem(_ wanted: Wanted, _ error: any Error) -> ReaderProblem {
        let what = "the object \(wanted.hash)\(wanted.kind.rawValue)"
        guard let problem = error as? FetchProblem else {
            return ReaderProblem(.local, "\(what) cannot be kept", cause: error)
        }
        switch problem.code {
        case .corrupt, .tooLarge: return ReaderProblem(.corrupt, "\(what) is corrupt", cause: error)
        case .status where problem.status == 404 || problem.status == 403:
            return ReaderProblem(.missing, "\(what) is missing on the server", cause: error)
        case .status, .transfer, .address, .offline:
            return ReaderProblem(.unreachable, "\(what) cannot be fetched", cause: error)
        }
    }
}

/// Paths as they are written in addresses.
enum URLPath {
    /// Percent-encodes what may not stand in the path of an address (RFC 3986, section 3.3).
    static func escaped(_ path: some Sequence<UInt8>) -> String {
        var text = ""
        for byte in path {
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "/"), UInt8(ascii: "-"),
                UInt8(ascii: "_"),
                UInt8(ascii: "."), UInt8(ascii: "~"):
                text.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                text += digits.count == 1 ? "%0" + digits : "%" + digits
            }
        }
        return text
    }
}
