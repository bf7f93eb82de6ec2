// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

import ContentLifetime
import Testing

/// One content in the small: its bytes, two repositories, and everybody who has to do with it, one transaction at a time.
///
/// Times are ages: now is always 0, and what happened before the grace is all the same.
struct World: Hashable {
    static let grace: Int64 = 2

    /// Where the pusher of the first repository is.
    enum Pusher: Hashable, CaseIterable {
        case idle, renewing, uploading, holding, placing, linking, referring
    }

    /// Where the collector is; what it has read it may act on much later.
    enum Collector: Hashable {
        case start
        case markLink(isNeeded: Bool)
        case lookAtBytes
        case markBytes(isLinked: Bool)
        case sweepLinks(deadline: Int64)
        case condemn(deadline: Int64)
        case remove
    }

    /// The claim of the first repository, to which the manifest belongs.
    var link = ContentLife()
    /// The claim of another repository, into which the blob was mounted.
    var mounted = ContentLife()
    var bytes = ContentLife()
    var isStored = false
    var hasManifest = false
    var pusher = Pusher.idle
    /// For how long the pusher has relied on what it was told.
    var pusherAge: Int64 = 0
    /// Whether somebody has deleted the blob on purpose since the pusher was told of it.
    var isPromiseVoid = false
    var collector = Collector.start

    var isLinked: Bool { Self.isThere(link) || Self.isThere(mounted) }

    static func isThere(_ life: ContentLife) -> Bool {
        switch life.state {
        case .live, .unreferenced: true
        case .condemned, .gone: false
        }
    }

    /// What must never be otherwise; the name of what is broken.
    var fault: String? {
        if hasManifest, !Self.isThere(link) { return "a manifest needs a blob that its repository has lost" }
        if isLinked, !isStored { return "a blob is in sight whose bytes are gone" }
        if isLinked, bytes.state == .condemned { return "a blob in sight is condemned" }
        return nil
    }

    // MARK: Steps

    /// All that can happen next.
    func successors() throws -> [World] {
        var next: [World] = []
        func add(_ change: (inout World) throws -> Void) rethrows {
            var world = self
            try change(&world)
            if world != self { next.append(world) }
        }
        try add { try $0.push() }
        add { $0.collect() }
        // The client or its connection dies.
        add { ($0.pusher, $0.pusherAge, $0.isPromiseVoid) = (.idle, 0, false) }
        // The server is killed and starts again.
        add { ($0.collector, $0.pusher, $0.pusherAge, $0.isPromiseVoid) = (.start, .idle, 0, false) }
        add { $0.hasManifest = false }
        add { world in
            guard !world.hasManifest, Self.isThere(world.link) else { return }
            (world.link, world.isPromiseVoid) = (ContentLife(), true)
        }
        add { world in
            if Self.isThere(world.link) {
                world.mounted.store()
                world.bytes.store()
            }
        }
        add { $0.mounted = ContentLife() }
        // The grace is longer than the longest job.
        if pusher == .idle || pusherAge < Self.grace - 1 { add { $0.tick() } }
        return next
    }

    private mutating func push() throws {
        switch pusher {
        case .idle:
            (pusherAge, isPromiseVoid) = (0, false)
            switch link.state {
            case .live: pusher = .referring
            case .unreferenced: pusher = .renewing
            case .condemned, .gone: pusher = .uploading
            }
        case .renewing: pusher = link.hit(at: 0) ? .referring : .uploading
        case .uploading:
            (pusherAge, isPromiseVoid) = (0, false)
            let isSafe =
                bytes.state == .gone
                || (bytes.state == .live && (link.state == .live || mounted.state == .live))
            pusher = isSafe ? .placing : .holding
        case .holding:
            bytes.prepare(at: 0)
            pusher = .placing
        case .placing:
            isStored = true
            pusher = .linking
        case .linking:
            bytes.store()
            link.store()
            pusher = .referring
        case .referring:
            if link.refer() {
                hasManifest = true
            } else if !isPromiseVoid {
                throw Broken(
                    reason: "a blob that was promised vanished before it was referred to",
                    world: self
                )
            }
            pusher = .idle
        }
    }

    private mutating func collect() {
        switch collector {
        case .start: collector = .markLink(isNeeded: hasManifest)
        case .markLink(let isNeeded):
            // A mark is set only if it is still right to; one that is taken away wrongly does no harm.
            if isNeeded || !hasManifest { link.mark(isReferenced: isNeeded, at: 0) }
            mounted.mark(isReferenced: false, at: 0)
            collector = .lookAtBytes
        case .lookAtBytes: collector = .markBytes(isLinked: isLinked)
        case .markBytes(let wasLinked):
            if bytes.state == .gone, isStored {
                bytes = ContentLife(.unreferenced(since: 0))
            } else if !wasLinked, !isLinked {
                // A mark of the bytes is never taken away here: it may be that of somebody who is storing them.
                bytes.mark(isReferenced: false, at: 0)
            }
            collector = .sweepLinks(deadline: -Self.grace)
        case .sweepLinks(let deadline):
            let hadLinks = isLinked
            if link.condemn(deadline: deadline, isReferenced: hasManifest) { _ = link.remove() }
            if mounted.condemn(deadline: deadline, isReferenced: false) { _ = mounted.remove() }
            if hadLinks, !isLinked { expireBytes(deadline) }
            collector = .condemn(deadline: deadline)
        case .condemn(let deadline):
            _ = bytes.condemn(deadline: deadline, isReferenced: isLinked)
            collector = .remove
        case .remove:
            if bytes.remove() { isStored = false }
            collector = .start
        }
    }

    /// The grace of the bytes ends with that of the last link, unless somebody holds them.
    private mutating func expireBytes(_ deadline: Int64) {
        switch bytes.state {
        case .live: bytes = ContentLife(.unreferenced(since: deadline))
        case .unreferenced(let since): bytes = ContentLife(.unreferenced(since: max(since, deadline)))
        case .condemned, .gone: break
        }
    }

    private mutating func tick() {
        func aged(_ life: ContentLife) -> ContentLife {
            guard case .unreferenced(let since) = life.state else { return life }
            return ContentLife(.unreferenced(since: max(since - 1, -Self.grace - 1)))
        }
        (link, mounted, bytes) = (aged(link), aged(mounted), aged(bytes))
        if pusher != .idle { pusherAge += 1 }
        switch collector {
        case .sweepLinks(let deadline): collector = .sweepLinks(deadline: max(deadline - 1, -Self.grace - 2))
        case .condemn(let deadline): collector = .condemn(deadline: max(deadline - 1, -Self.grace - 2))
        default: break
        }
    }

    /// What becomes of the world if nobody but the collector goes on, with time passing now and then.
    func settled() throws -> World {
        var world = self
        (world.pusher, world.hasManifest, world.mounted) = (.idle, false, ContentLife())
        for _ in 0..<6 {
            world.tick()
            for _ in 0..<7 { world.collect() }
        }
        return world
    }
}

struct Broken: Error, CustomStringConvertible {
    let reason: String
    let world: World

    var description: String { "\(reason): \(world)" }
}

@Suite struct ContentLifeModelTests {
    @Test("in no order of events does anything needed vanish, and all garbage goes")
    func everyOrder() throws {
        var seen: Set<World> = [World()]
        var pending = [World()]
        while let world = pending.popLast() {
            if let fault = world.fault { throw Broken(reason: fault, world: world) }
            for next in try world.successors() where seen.insert(next).inserted { pending.append(next) }
        }
        // A model that hardly moves proves nothing.
        #expect(seen.count > 4_000)
        #expect(seen.contains { $0.hasManifest && $0.isStored })
        #expect(seen.contains { $0.bytes.state == .condemned && $0.pusher == .holding })
        for world in seen {
            let end = try world.settled()
            if end.isStored { throw Broken(reason: "garbage stays", world: world) }
        }
    }

    @Test("what is condemned is found by nobody until it is stored again")
    func condemned() {
        var life = ContentLife(.unreferenced(since: 5))
        let answers = [
            life.condemn(deadline: 4, isReferenced: false), life.condemn(deadline: 5, isReferenced: true),
        ]
        #expect(answers == [false, false])
        var renewed = life
        let isCondemned = life.condemn(deadline: 5, isReferenced: false)
        let found = [life.hit(at: 6), life.refer()]
        #expect(isCondemned && found == [false, false])
        var removed = life
        life.prepare(at: 6)
        let isRemovedAfterAll = life.remove()
        #expect(life.state == .unreferenced(since: 6) && !isRemovedAfterAll)
        let isRemoved = removed.remove()
        #expect(isRemoved && removed.state == .gone)
        let isHit = renewed.hit(at: 9)
        let isCondemnedAfterAll = renewed.condemn(deadline: 8, isReferenced: false)
        #expect(isHit && !isCondemnedAfterAll)
    }
}
