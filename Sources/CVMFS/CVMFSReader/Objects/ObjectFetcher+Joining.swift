// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

package import CVMFSFormat
package import Digests
internal import ObjectCache

/// Large files are stored in chunks, but only one file can be handed to the kernel: once all chunks are on this
/// machine, they are joined into one object, which is kept like any other.
extension ObjectFetcher {
    /// The largest file that the cache has room to join.
    package var joinLimitInBytes: Int64 { cache.joinLimitInBytes }

    /// The name of the object that holds the joined chunks.
    ///
    /// No stored object bears it: it would have to be one of the 32 bytes that are hashed here, and those inflate to
    /// less than the smallest file that is joined.
    package static func joinedName(of chunks: [FileChunk]) -> ContentHash {
        let hasher = IncrementalDigest(.sha256)
        hasher.update(Array("wharf joined chunks 1\n".utf8))
        for chunk in chunks {
            hasher.update(chunk.hash.bytes)
            hasher.update([chunk.hash.algorithm.rawValue])
            withUnsafeBytes(of: chunk.size.littleEndian) { hasher.update($0) }
        }
        return ContentHash(.sha1, of: hasher.finish())
    }

    /// The smallest file that may be joined.
    package static let smallestJoined: Int64 = 64 << 10

    /// Joins objects that are all in the cache into one; from then on they are the first to be evicted.
    ///
    /// - Returns: whether the whole is in the cache now; not if a part was missing.
    /// - Throws: `local`.
    package func join(_ parts: [Wanted], as name: ContentHash, size: Int64) throws(ReaderProblem) -> Bool {
        guard (Self.smallestJoined...max(Self.smallestJoined, joinLimitInBytes)).contains(size) else {
            return false
        }
        let whole = Wanted(name, .file, compression: .none, size: size)
        if try cached(whole) != nil { return true }
        do {
            let transaction = try cache.begin(.data)
            for part in parts {
                guard let object = try cached(part) else { return false }
                try transaction.append(object)
            }
            guard transaction.byteCount == size else { return false }
            // The descriptor is kept until the parts are demoted, so that the whole is not evicted for their sake.
            let object = try transaction.commit(as: name)
            cache.demote(parts.map(\.hash))
            return object.size == size
        } catch let problem as CacheProblem {
            throw ReaderProblem(.local, "the chunks of a file cannot be joined", cause: problem)
        } catch let problem as ReaderProblem {
            throw problem
        } catch {
            throw ReaderProblem(.local, "the chunks of a file cannot be joined", cause: error)
        }
    }
}
