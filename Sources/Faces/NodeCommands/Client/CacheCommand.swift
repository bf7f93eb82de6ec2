// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import ObjectCache

/// `wharf client cache …`.
struct CacheCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cache",
        abstract: "Show and clean the cache of this node, while mounts use it.",
        discussion: """
            Example:
              wharf client cache stat
              wharf client cache pin unpacked.example.org /registry.example.org/team/app:1.2
            """,
        subcommands: [
            CacheStatCommand.self, CacheListCommand.self, CacheWipeCommand.self, CachePinCommand.self,
            CacheUnpinCommand.self, CacheCheckCommand.self,
        ]
    )
}

/// `wharf client cache stat`.
struct CacheStatCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stat",
        abstract: "Say what the cache holds, and what is pinned.",
        discussion: "Example:\n  wharf client cache stat --json"
    )

    @OptionGroup var place: CachePlace

    @Flag(help: "Print JSON.")
    var json = false

    func run() throws {
        let cache = try place.open()
        let items = try cache.items()
        let metadata = items.filter { $0.content == .metadata }
        let sizes = Dictionary(items.map { ($0.name, $0.size) }, uniquingKeysWith: max)
        let pins = cache.pins.map { label, names in
            (label: label, count: names.count, size: names.reduce(Int64(0)) { $0 &+ (sizes[$1] ?? 0) })
        }
        let total = items.reduce(Int64(0)) { $0 &+ $1.size }
        let metadataSize = metadata.reduce(Int64(0)) { $0 &+ $1.size }
        guard !json else {
            let list = pins.map { pin in
                "{\"label\":\(JSONText.quoted(pin.label)),\"objects\":\(pin.count),\"bytes\":\(pin.size)}"
            }
            return print(
                "{\"directory\":\(JSONText.quoted(cache.directory)),\"objects\":\(items.count),\"bytes\":\(total),"
                    + "\"metadataObjects\":\(metadata.count),\"metadataBytes\":\(metadataSize),"
                    + "\"pins\":[\(list.joined(separator: ","))]}"
            )
        }
        print("directory  \(cache.directory)")
        print("objects    \(items.count), \(SizeText.of(total))")
        print("metadata   \(metadata.count) of them, \(SizeText.of(metadataSize))")
        for pin in pins { print("pinned     \(pin.label): \(pin.count) objects, \(SizeText.of(pin.size))") }
    }
}

/// `wharf client cache ls`.
struct CacheListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ls",
        abstract: "List the objects, those that would go first at the top.",
        discussion: """
            Columns: name, bytes, unix time of the last use (in steps of ten minutes),
            kind, and 'pinned'.

            Example:
              wharf client cache ls | tail
            """
    )

    @OptionGroup var place: CachePlace

    @Flag(help: "Print a line of JSON for each object.")
    var json = false

    func run() throws {
        let cache = try place.open()
        let pinned = Set(cache.pins.flatMap(\.names))
        for item in try cache.items() {
            let kind = item.content == .metadata ? "metadata" : "data"
            let isPinned = pinned.contains(item.name)
            print(
                json
                    ? "{\"name\":\"\(item.name)\",\"bytes\":\(item.size),\"used\":\(item.used),"
                        + "\"kind\":\"\(kind)\",\"pinned\":\(isPinned)}"
                    : item.line(isPinned: isPinned)
            )
        }
    }
}

/// `wharf client cache wipe`.
struct CacheWipeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "wipe",
        abstract: "Remove all objects that nobody has open and nobody pinned.",
        discussion: "Example:\n  wharf client cache wipe --to 1GiB"
    )

    @OptionGroup var place: CachePlace

    @Option(help: "Stop when no more than this is left, such as 1GiB; everything goes if nothing is said.")
    var to: String?

    func run() throws {
        let cache = try place.open()
        let goal = try to.map { try MountSettings.byteCount($0) } ?? 0
        let eviction = cache.evict(to: goal)
        print(
            "removed \(eviction.objectCount) objects, \(SizeText.of(eviction.byteCount)); "
                + "\(SizeText.of(cache.totalSize)) remain"
                + (eviction.sparedCount > 0 ? ", \(eviction.sparedCount) objects are in use or pinned" : "")
        )
    }
}

/// `wharf client cache fsck`.
struct CacheCheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fsck",
        abstract: "Read every object and put aside what is not as it was fetched.",
        discussion: """
            Mounts go on meanwhile, and fetch again what is put aside. The status is 1
            if something was damaged.

            Example:
              wharf client cache fsck
            """
    )

    @OptionGroup var place: CachePlace

    @Flag(help: "Print JSON.")
    var json = false

    func run() throws {
        let cache = try place.open()
        var progress = ProgressLine("checked")
        let result = try cache.check { progress.show($0.checkedCount, $0.checkedBytes) }
        if json {
            let damaged = result.damaged.map { "\"\($0)\"" }.joined(separator: ",")
            print(
                "{\"checked\":\(result.checkedCount),\"bytes\":\(result.checkedBytes),\"damaged\":[\(damaged)],"
                    + "\"missing\":\(result.missingCount),\"found\":\(result.foundCount),"
                    + "\"removed\":\(result.removedCount)}"
            )
        } else {
            for name in result.damaged { print("damaged, in quarantine: \(name)") }
            print("checked \(result.checkedCount) objects, \(SizeText.of(result.checkedBytes))")
            if result.missingCount > 0 { print("forgot \(result.missingCount) objects whose files are gone") }
            if result.foundCount > 0 {
                print("found \(result.foundCount) objects that the index did not know")
            }
            if result.removedCount > 0 {
                print("removed \(result.removedCount) files that nothing vouches for")
            }
        }
        guard result.damaged.isEmpty else { throw ExitCode.failure }
    }
}
