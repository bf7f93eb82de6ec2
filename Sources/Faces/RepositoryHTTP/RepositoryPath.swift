// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

/// A file of a repository that may be served, of the few kinds that there are.
///
/// Whatever else lies in a repository's directory, such as temporary files, is never found by a request.
/// - Source: cvmfs-format A.4, G.4.
package enum RepositoryPath: Hashable, Sendable {
    /// `.cvmfspublished`, the signed manifest.
    case manifest
    /// `.cvmfswhitelist`
    case whitelist
    /// `.cvmfsreflog`, `.cvmfs_master_replica`, `.cvmfs_status.json`
    case other(name: String)
    /// `data/ab/cdef…`, with the algorithm's suffix and the kind's letter.
    case object(shard: String, name: String)

    /// Reads the segments after the repository's name; `nil` for everything that is not served.
    package init?(segments: some RandomAccessCollection<String>) {
        let parts = Array(segments)
        switch parts.count {
        case 1: self.init(file: parts[0])
        case 3 where parts[0] == "data": self.init(shard: parts[1], name: parts[2])
        default: return nil
        }
    }

    private init?(file name: String) {
        switch name {
        case ".cvmfspublished": self = .manifest
        case ".cvmfswhitelist": self = .whitelist
        case ".cvmfsreflog", ".cvmfs_master_replica", ".cvmfs_status.json": self = .other(name: name)
        default: return nil
        }
    }

    private init?(shard: String, name: String) {
        let digits = name.prefix(38)
        guard shard.utf8.count == 2, digits.utf8.count == 38,
            Self.areDigits(Substring(shard)), Self.areDigits(digits)
        else { return nil }
        var rest = name.dropFirst(38)
        for suffix in ["-rmd160", "-shake128"] where rest.hasPrefix(suffix) {
            rest = rest.dropFirst(suffix.count)
        }
        guard rest.isEmpty || ["C", "H", "M", "P", "X", "L"].contains(rest) else { return nil }
        self = .object(shard: shard, name: name)
    }

    /// The path below the repository's directory.
    package var file: String {
        switch self {
        case .manifest: ".cvmfspublished"
        case .whitelist: ".cvmfswhitelist"
        case .other(let name): name
        case .object(let shard, let name): "data/\(shard)/\(name)"
        }
    }

    /// How long a cache may keep the answer.
    ///
    /// An object never changes. A client asks for the manifest as often as it wants to know of new revisions, so a cache
    /// between must not hold it for long.
    package var cacheControl: String {
        switch self {
        case .manifest: "public, max-age=5, no-transform"
        case .whitelist, .other: "public, max-age=61, no-transform"
        case .object: "public, max-age=259200, immutable, no-transform"
        }
    }

    /// The `Content-Type`.
    package var contentType: String {
        switch self {
        case .manifest, .whitelist: "application/x-cvmfs"
        case .other(let name): name.hasSuffix(".json") ? "application/json" : "application/x-cvmfs"
        case .object: "application/octet-stream"
        }
    }

    private static func areDigits(_ text: Substring) -> Bool {
        text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"): true
            default: false
            }
        }
    }
}
