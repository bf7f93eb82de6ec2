// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

package import Digests

/// The key of an entry in a catalog: the MD5 of its full path inside the repository, as two little-endian halves.
///
/// A path is the empty string for the root, otherwise `/` and components joined by `/`, raw bytes, no normalisation.
/// - Source: cvmfs-format C.5.
package struct PathKey: Hashable, Sendable {
    /// Bytes 0 to 7, `md5path_1`.
    package let first: Int64
    /// Bytes 8 to 15, `md5path_2`.
    package let second: Int64

    /// Wraps the two columns of a row.
    package init(first: Int64, second: Int64) {
        self.first = first
        self.second = second
    }

    /// Hashes a path.
    package init(path: [UInt8]) {
        self.init(path: path, with: IncrementalDigest(.md5))
    }

    /// Hashes a path with an MD5 hasher that the caller keeps, which saves an allocation for each of many paths.
    package init(path: [UInt8], with hasher: IncrementalDigest) {
        hasher.update(path)
        self.init(finishing: hasher)
    }

    /// Hashes the path of an entry of a directory.
    ///
    /// - Parameters:
    ///   - name: the entry.
    ///   - directory: the directory's path with a slash at the end.
    ///   - hasher: an MD5 hasher that the caller keeps.
    package init(name: [UInt8], in directory: [UInt8], with hasher: IncrementalDigest) {
        hasher.update(directory)
        hasher.update(name)
        self.init(finishing: hasher)
    }

    private init(finishing hasher: IncrementalDigest) {
        (first, second) = withUnsafeTemporaryAllocation(byteCount: 16, alignment: 8) { digest in
            hasher.finish(into: digest)
            return (
                Int64(littleEndian: digest.load(as: Int64.self)),
                Int64(littleEndian: digest.load(fromByteOffset: 8, as: Int64.self))
            )
        }
    }

    /// The parent of the repository's root: all zero, not a hash of anything.
    package static let parentOfRoot = PathKey(first: 0, second: 0)

    /// The repository's root.
    package static let root = PathKey(path: [])
}
