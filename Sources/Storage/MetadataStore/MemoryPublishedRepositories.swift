// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

package import Digests
internal import Synchronization

/// The in-memory twin of `PublishedRepositories` and `ContentMap`, for tests and for repositories without a database.
package final class MemoryPublishedRepositories: PublishedRepositories, ContentMap {
    private struct State {
        var records: [String: PublishedRepositoryRecord] = [:]
        var tokens: [String: Int64] = [:]
        var objects: [String: [ContentKey: ContentObject]] = [:]
        var contents: [String: [Bool: [ContentHash: [UInt8]]]] = [:]
    }

    private let state = Mutex(State())

    package init() {}

    package func create(_ record: PublishedRepositoryRecord) {
        state.withLock { if $0.records[record.name] == nil { $0.records[record.name] = record } }
    }

    package func record(of name: String) -> PublishedRepositoryRecord? { state.withLock { $0.records[name] } }

    package func repositoryNames() -> [String] { state.withLock { $0.records.keys.sorted() } }

    package func acquireWriter(of name: String) -> Int64 {
        state.withLock {
            $0.tokens[name, default: 0] += 1
            return $0.tokens[name, default: 0]
        }
    }

    package func swapManifest(
        of name: String,
        token: Int64,
        manifest: [UInt8],
        revision: UInt64,
        timestamp: Int64
    ) -> Bool {
        state.withLock {
            guard $0.tokens[name] == token, var record = $0.records[name], revision > record.revision else {
                return false
            }
            record.manifest = manifest
            record.revision = revision
            record.timestamp = timestamp
            $0.records[name] = record
            return true
        }
    }

    package func object(for content: ContentKey, in repository: String) -> ContentObject? {
        state.withLock { $0.objects[repository]?[content] }
    }

    // Nothing is collected here, so everything is live.

    package func hit(_ name: CollectableName, in repository: String) -> Bool { true }

    package func hold(_ name: CollectableName, in repository: String) {}

    package func losses(in repository: String) -> Int { 0 }

    package func content(of object: ContentHash, isChunk: Bool, in repository: String) -> [UInt8]? {
        state.withLock { $0.contents[repository]?[isChunk]?[object] }
    }

    package func record(_ objects: [(content: ContentKey, object: ContentObject)], in repository: String) {
        state.withLock {
            for (content, object) in objects where $0.objects[repository]?[content] == nil {
                $0.objects[repository, default: [:]][content] = object
                $0.contents[repository, default: [:]][content.isChunk, default: [:]][object.hash] =
                    content.sha256
            }
        }
    }
}
