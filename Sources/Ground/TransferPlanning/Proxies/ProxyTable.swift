// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

/// Which proxy is used now: the state that all transfers of a repository share.
///
/// A pure state machine. A member that failed is *burned*; when all members of a group are, the next group is used, and after a
/// while the first one again. When everything is burned there is nothing to lose, and all get another chance.
/// - Source: cvmfs-format H.4, H.5.
package struct ProxyTable: Sendable {
    /// A member and since when it is not used.
    private struct Slot: Sendable {
        let member: ProxyMember
        var burned: Duration?
    }

    private var groups: [[Slot]]
    private let resetAfter: Duration?
    private let isSharded: Bool
    private var group = 0
    /// The member of the group that is used, unless paths are spread over all of them.
    private var chosen: Int?
    private var leftFirstGroup: Duration?

    /// Begins with all members whole; all times count from one moment.
    ///
    /// - Parameters:
    ///   - groups: in order; those that are empty count as burned.
    ///   - resetAfter: how long a failure is remembered; `nil` for as long as there is something else.
    ///   - isSharded: whether paths are spread over the members of a group, each always to the same.
    package init(_ groups: [[ProxyMember]], resetAfter: Duration?, isSharded: Bool = false) {
        self.groups = groups.map { $0.map { Slot(member: $0) } }
        self.resetAfter = resetAfter
        self.isSharded = isSharded
    }

    /// The groups, for those who look for the cause of trouble.
    package var members: [[ProxyMember]] { groups.map { $0.map(\.member) } }

    /// The member that was used last; `nil` before the first use and where paths are spread.
    package var current: ProxyMember? {
        guard groups.indices.contains(group), let chosen, groups[group].indices.contains(chosen) else {
            return nil
        }
        return groups[group][chosen].member
    }

    /// The group in use.
    package var currentGroup: Int { group }

    /// The way for a path.
    ///
    /// - Parameters:
    ///   - path: what is to be fetched; the same path takes the same proxy where paths are spread.
    ///   - avoided: the members that this transfer has tried in vain.
    ///   - now: the time.
    ///   - draw: a random number.
    /// - Returns: `nil` when all were tried.
    package mutating func member(
        for path: String,
        avoiding avoided: Set<ProxyMember>,
        at now: Duration,
        draw: UInt64
    ) -> ProxyMember? {
        reset(at: now)
        if let member = whole(path, avoided, draw) { return member }
        guard groups.contains(where: { $0.contains { !avoided.contains($0.member) } }) else { return nil }
        // What is left was burned by others: its turn again.
        unburnAll()
        return whole(path, avoided, draw)
    }

    /// Takes note that a member failed.
    ///
    /// Returns whether it was not known yet.
    @discardableResult
    package mutating func burn(_ member: ProxyMember, at now: Duration) -> Bool {
        var isNews = false
        for group in groups.indices {
            for slot in groups[group].indices where groups[group][slot].member == member {
                isNews = isNews || groups[group][slot].burned == nil
                groups[group][slot].burned = now
            }
        }
        if member == current { chosen = nil }
        while group + 1 < groups.count, groups[group].allSatisfy({ $0.burned != nil }) {
            if group == 0 { leftFirstGroup = now }
            group += 1
            chosen = nil
        }
        return isNews
    }

    /// Takes other members, because names stand for other addresses now; what is known of those that stay is kept.
    package mutating func replace(_ members: [[ProxyMember]]) {
        let used = current
        var burned: [ProxyMember: Duration] = [:]
        for slot in groups.joined() { burned[slot.member] = slot.burned }
        groups = members.map { $0.map { Slot(member: $0, burned: burned[$0]) } }
        group = min(group, max(groups.count - 1, 0))
        chosen = groups.isEmpty ? nil : groups[group].firstIndex { $0.member == used }
    }

    /// Draws another member of the group at the next use.
    package mutating func rebalance() { chosen = nil }

    /// Uses the next group from now on.
    package mutating func switchGroup(at now: Duration) {
        guard groups.count > 1 else { return }
        if group == 0 { leftFirstGroup = now }
        group = (group + 1) % groups.count
        chosen = nil
        for slot in groups[group].indices { groups[group][slot].burned = nil }
    }

    private mutating func whole(_ path: String, _ avoided: Set<ProxyMember>, _ draw: UInt64) -> ProxyMember? {
        for offset in 0..<max(groups.count - group, 0) {
            let index = group + offset
            let candidates = groups[index].indices.filter {
                groups[index][$0].burned == nil && !avoided.contains(groups[index][$0].member)
            }
            guard !candidates.isEmpty else { continue }
            if isSharded {
                let names = candidates.map { "\(groups[index][$0].member)" }
                return groups[index][candidates[ShardRing(names).owner(of: path)]].member
            }
            if index == group, let chosen, candidates.contains(chosen) { return groups[index][chosen].member }
            let drawn = candidates[Int(draw % UInt64(candidates.count))]
            // What this transfer alone avoids changes nothing for the others.
            if index == group, chosen == nil { chosen = drawn }
            return groups[index][drawn].member
        }
        return nil
    }

    /// Forgets failures that are old, and returns to the first group.
    private mutating func reset(at now: Duration) {
        guard let resetAfter else { return }
        for group in groups.indices {
            for slot in groups[group].indices {
                guard let burned = groups[group][slot].burned, now - burned >= resetAfter else { continue }
                groups[group][slot].burned = nil
            }
        }
        guard let left = leftFirstGroup, now - left >= resetAfter else { return }
        (group, chosen, leftFirstGroup) = (0, nil, nil)
    }

    private mutating func unburnAll() {
        for group in groups.indices {
            for slot in groups[group].indices { groups[group][slot].burned = nil }
        }
        (group, chosen, leftFirstGroup) = (0, nil, nil)
    }
}
