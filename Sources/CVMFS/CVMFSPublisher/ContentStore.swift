// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CVMFSFormat
package import CompressionCodecs
package import Digests
internal import Foundation
package import MetadataStore

/// Stores plain contents as objects, each content once.
///
/// A content that is known is neither compressed nor stored again. A whole file that compression does not make smaller is
/// stored as it is, which saves every reader the inflating. Two different contents never share an object: if an object's
/// name is taken by another content, this one is stored under another encoding, and so under another name. That happens
/// when the hash function is broken, and when a file is the compressed form of another.
/// New objects are recorded in the content map in batches, after they are durable. Safe to use from several threads.
package final class ContentStore: @unchecked Sendable {
    /// What was done so far.
    package struct Totals: Sendable, Hashable {
        package var storedObjects = 0
        package var storedBytes: Int64 = 0
        package var knownContents = 0
    }

    package let location: RepositoryLocation
    /// How contents are compressed.
    package let profile: CompressionProfile

    private let objects: ObjectStore
    private let map: any ContentMap
    private let repository: String

    /// Guards everything below.
    private let condition = NSCondition()
    private var recent: [ContentKey: ContentObject] = [:]
    private var owners: [ObjectName: [UInt8]] = [:]
    private var unrecorded: [(content: ContentKey, object: ContentObject)] = []
    private var inProgress: Set<ContentKey> = []
    private var totals = Totals()

    private struct ObjectName: Hashable {
        let hash: ContentHash
        let isChunk: Bool
    }

    /// How many objects are made durable together.
    private static let batch = 16384

    package init(objects: ObjectStore, profile: CompressionProfile, map: any ContentMap) {
        self.objects = objects
        self.profile = profile
        self.map = map
        location = objects.location
        repository = location.name.name
    }

    /// Returns the object of a content, storing it if need be.
    ///
    /// - Parameters:
    ///   - plain: the content.
    ///   - isChunk: whether it is a chunk of a file or a whole one.
    ///   - compressor: the calling thread's own.
    /// - Returns: the object.
    /// - Throws: what the object store or the map throws.
    package func object(
        for plain: UnsafeRawBufferPointer,
        isChunk: Bool,
        compressor: ObjectCompressor
    ) throws -> ContentObject {
        let key = ContentKey(sha256: IncrementalDigest.digest(.sha256, of: plain), isChunk: isChunk)
        if let known = try claim(key) { return known }
        do {
            let object = try store(plain, key, compressor)
            release(key, object)
            return object
        } catch {
            release(key, nil)
            throw error
        }
    }

    /// Returns the object of a small content, stored if need be.
    package func object(forSmall content: [UInt8]) throws -> ContentObject {
        try content.withUnsafeBytes {
            try object(for: $0, isChunk: false, compressor: ObjectCompressor(profile))
        }
    }

    /// Makes everything durable and records it.
    package func flush() throws {
        condition.lock()
        let records = unrecorded
        unrecorded = []
        condition.unlock()
        guard !records.isEmpty else { return }
        try objects.sync()
        try map.record(records, in: repository)
        condition.lock()
        for (content, object) in records {
            recent[content] = nil
            owners[ObjectName(hash: object.hash, isChunk: content.isChunk)] = nil
        }
        condition.unlock()
    }

    // MARK: Garbage

    /// How many contents were found here and then lost to the garbage collection.
    ///
    /// Whoever sees the number grow since it began
    /// must begin anew. Everything that was found before and is not lost is kept for one grace.
    package func losses() throws -> Int { try map.losses(in: repository) }

    /// Whether a file beside the layer indexes may be used, if it is there; it is then kept for one grace.
    package func mayUse(layerFile name: String) throws -> Bool {
        try map.hit(.layerFile(name), in: repository)
    }

    /// Keeps a file beside the layer indexes, which is about to be written, for one grace.
    package func hold(layerFile name: String) throws { try map.hold(.layerFile(name), in: repository) }

    package var statistics: Totals { condition.withLock { totals } }

    /// Returns the object of a known content, or marks the content as being stored by this thread.
    ///
    /// Waits while another thread stores the same. The map is asked without the lock.
    private func claim(_ key: ContentKey) throws -> ContentObject? {
        if let recent = waitForTurn(key) { return recent }
        do {
            let known = try map.object(for: key, in: repository)
            guard let known else { return nil }
            release(key, nil)
            condition.withLock { totals.knownContents += 1 }
            return known
        } catch {
            release(key, nil)
            throw error
        }
    }

    /// Waits until no other thread stores a content; returns its object if one just has, else takes the turn.
    private func waitForTurn(_ key: ContentKey) -> ContentObject? {
        condition.lock()
        defer { condition.unlock() }
        while inProgress.contains(key) { condition.wait() }
        if let object = recent[key] {
            totals.knownContents += 1
            return object
        }
        inProgress.insert(key)
        return nil
    }

    private func release(_ key: ContentKey, _ object: ContentObject?) {
        condition.lock()
        inProgress.remove(key)
        if let object { recent[key] = object }
        condition.broadcast()
        condition.unlock()
    }

    private func store(
        _ plain: UnsafeRawBufferPointer,
        _ key: ContentKey,
        _ compressor: ObjectCompressor
    ) throws -> ContentObject {
        let compressed = compressor.compress(plain)
        if isBetterPlain(plain, key, compressed: compressed.count) {
            let bytes = [UInt8](plain)
            let hash = ContentHash(objects.algorithm, of: bytes)
            if let object = try put(bytes, hash, key, isPlain: true) { return object }
        }
        for profile in [compressor.profile] + CompressionProfile.allCases.filter({ $0 != compressor.profile })
        {
            // Another encoder is made only when a name was taken, so hardly ever.
            let bytes =
                profile == compressor.profile ? compressed : ObjectCompressor(profile).compress(plain)
            let hash = ContentHash(objects.algorithm, of: bytes)
            if let object = try put(bytes, hash, key, isPlain: false) { return object }
        }
        throw PublisherProblem(
            .objectCorrupt,
            "every encoding of a content has the name of another content",
            remedy: "the repository's hash algorithm is broken; make a new repository with another one"
        )
    }

    /// Whether a content is stored as it is.
    ///
    /// Repositories of the profile `identical` have what the stock publisher would make. The chunks of a file share one
    /// flag, and whether later ones compress is not known at the first. Of small files the form does not matter. What may
    /// be the compressed form of another content is never stored as it is: the two would share an object. All this depends
    /// on the content alone, not on what is there already: one content has the same name at every site, and after a crash.
    private func isBetterPlain(
        _ plain: UnsafeRawBufferPointer,
        _ key: ContentKey,
        compressed: Int
    ) -> Bool {
        profile != .identical && !key.isChunk && plain.count >= Self.smallestPlain
            && compressed > plain.count - plain.count / Self.worthwhilePart
            && !ZlibInflater.mayBeStream(plain)
    }

    private static let smallestPlain = 4096
    /// Compression is worth its while if it saves more than one such part.
    private static let worthwhilePart = 50

    /// Stores bytes under their name; `nil` if that belongs to another content.
    private func put(
        _ bytes: [UInt8],
        _ hash: ContentHash,
        _ key: ContentKey,
        isPlain: Bool
    ) throws -> ContentObject? {
        guard try reserve(hash, for: key, isPlain: isPlain) else { return nil }
        let isNew = try objects.put(bytes, key.isChunk ? .chunk : .file).isNew
        let object = ContentObject(hash, isPlain: isPlain)
        let isBatchFull = condition.withLock {
            unrecorded.append((key, object))
            if isNew {
                totals.storedObjects += 1
                totals.storedBytes += Int64(bytes.count)
            }
            return unrecorded.count >= Self.batch
        }
        if isBatchFull { try flush() }
        return object
    }

    /// Takes a name for a content; false if the name belongs to another content.
    private func reserve(_ hash: ContentHash, for key: ContentKey, isPlain: Bool) throws -> Bool {
        // An object that is not there has no other content, unless it was lost; then compressed bytes are what they were.
        let mayBeTaken = isPlain || objects.contains(hash, key.isChunk ? .chunk : .file)
        let owner = mayBeTaken ? try map.content(of: hash, isChunk: key.isChunk, in: repository) : nil
        return condition.withLock {
            let name = ObjectName(hash: hash, isChunk: key.isChunk)
            let current = owner ?? owners[name]
            if current == nil { owners[name] = key.sha256 }
            return current == nil || current == key.sha256
        }
    }
}
