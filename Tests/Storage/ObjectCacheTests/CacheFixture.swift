// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

import Digests
import Foundation
import ObjectCache
import RepositoryFixtures
import Testing

/// Caches in a scratch directory, and objects made of short texts.
struct CacheFixture {
    let scratch: ScratchDirectory

    init() throws { scratch = try ScratchDirectory() }

    var directory: String { scratch.path + "/cache" }

    func cache(limit: Int64 = 1 << 20, clock: TestClock = TestClock()) throws -> ObjectCache {
        try ObjectCache(
            directory: directory,
            limitInBytes: limit,
            now: { clock.next() },
            report: { _ in }
        )
    }

    static func name(_ text: String) -> ContentHash { ContentHash(.sha1, of: Array(text.utf8)) }

    @discardableResult
    static func add(
        _ text: String,
        to store: any CacheStore,
        _ content: CachedContent = .data
    ) throws -> CachedObject {
        let transaction = try store.begin(content)
        try Array(text.utf8).withUnsafeBytes { try transaction.write($0) }
        return try transaction.commit(as: name(text))
    }

    static func text(_ object: CachedObject?) throws -> String {
        let object = try #require(object)
        var bytes = [UInt8](repeating: 0, count: Int(object.size))
        let count = try bytes.withUnsafeMutableBytes { try object.read(at: 0, into: $0) }
        return String(decoding: bytes[..<count], as: UTF8.self)
    }

    /// The sizes of all files that have an object's name.
    func sizesOnDisk(in directory: String? = nil) throws -> [String: Int64] {
        var sizes: [String: Int64] = [:]
        let top = directory ?? self.directory
        for prefix in try FileManager.default.contentsOfDirectory(atPath: top) where prefix.count == 2 {
            for rest in try FileManager.default.contentsOfDirectory(atPath: "\(top)/\(prefix)") {
                let attributes = try FileManager.default.attributesOfItem(atPath: "\(top)/\(prefix)/\(rest)")
                sizes[prefix + rest] = (attributes[.size] as? NSNumber)?.int64Value
            }
        }
        return sizes
    }
}
