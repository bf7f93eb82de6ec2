// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

package import Digests

/// What an object is for, which decides how long it stays.
package enum CachedContent: UInt8, Sendable, CaseIterable {
    /// The content of a file, or a part of it.
    case data = 0
    /// Catalogs, certificates and the like: without them nothing can be read, so they go last.
    case metadata = 1
}

/// Where objects are kept once they were fetched.
///
/// All calls may block on a disk; any thread may make them.
package protocol CacheStore: Sendable {
    /// Where an administrator would look.
    var directory: String { get }
    /// The most plain bytes that may be kept; `Int64.max` where nothing limits them.
    var limitInBytes: Int64 { get }
    /// The plain bytes that are kept now.
    var totalSize: Int64 { get }
    /// The largest whole file that may be put together out of objects that are here already; 0 for none.
    var joinLimitInBytes: Int64 { get }
    /// How often room was made since a time, in unix seconds; what is further back than a day may be forgotten.
    func cleanupCount(since time: Int64) -> Int
    /// Returns an object if it is here and good; `nil` if it has to be fetched.
    func open(_ name: ContentHash) throws(CacheProblem) -> CachedObject?
    /// Whether opening an object takes long, since all of it has to be hashed first.
    func isCostly(_ name: ContentHash) -> Bool
    /// Starts to add an object.
    func begin(_ content: CachedContent) throws(CacheProblem) -> CacheTransaction
    /// Moves an object that turned out to be wrong out of the way, so that it is fetched again.
    func quarantine(_ name: ContentHash) throws(CacheProblem)
    /// Lets objects go before all others, since what they hold is kept a second time.
    func demote(_ names: [ContentHash])
    /// The directory of our own that objects are kept in, for those who tend it; `nil` where somebody else does.
    var tended: ObjectCache? { get }
    /// Gives back what shall not outlive the mount; nothing may be opened afterwards.
    func end()
}

extension CacheStore {
    /// What makes no room itself has nothing to count.
    package func cleanupCount(since _: Int64) -> Int { 0 }
    /// A directory that is not ours is not ours to tend.
    package var tended: ObjectCache? { nil }
    /// What is on a disk stays.
    package func end() {}
    /// What was not recorded cannot be hashed.
    package func isCostly(_: ContentHash) -> Bool { false }
    /// A store without an order of eviction has nothing to change in it.
    package func demote(_: [ContentHash]) {}
}

/// The store that a transaction ends in.
protocol TransactionHome: AnyObject, Sendable {
    /// Takes content that no disk has room for.
    var spare: SpareMemory { get }
    /// Told of what an operator should know.
    func tell(_ line: String)
    /// Frees space on the disk; returns whether there may be more than before.
    func makeRoom(forBytes count: Int64) -> Bool
    /// Gives a complete, verified file its name; `nil` if it cannot be kept, which the reader need not notice.
    func adopt(_ file: CompleteFile) throws(CacheProblem) -> CachedObject?
}

/// A file that is written to its end, under its temporary name.
struct CompleteFile {
    let descriptor: Int32
    let temporary: String
    let name: ContentHash
    let content: CachedContent
    let size: Int64
    let contentDigest: [UInt8]
}
