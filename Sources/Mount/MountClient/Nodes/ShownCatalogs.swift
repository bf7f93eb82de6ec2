// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

/// The catalogs that nodes refer to, each with a number, as long as a node does.
struct ShownCatalogs {
    private struct Slot {
        var catalog: ShownCatalog?
        var uses = 0
    }

    private var slots: [Slot] = []
    private var numbers: [ShownCatalog: UInt32] = [:]
    private var free: [UInt32] = []
    /// The one that was used last: nodes come directory by directory, and comparing is cheaper than hashing.
    private var latest: UInt32?

    /// How many catalogs are referred to.
    var count: Int { numbers.count }

    /// All of them.
    var all: [ShownCatalog] { Array(numbers.keys) }

    /// Whether any catalog that is referred to holds names that never change.
    var haveFrozenNames: Bool { numbers.keys.contains { $0.isFrozen } }

    subscript(number: UInt32) -> ShownCatalog? { slots[Int(number)].catalog }

    /// Returns the catalog's number, and counts the use.
    mutating func use(_ catalog: ShownCatalog) -> UInt32 {
        let number = number(of: catalog)
        slots[Int(number)].uses += 1
        latest = number
        return number
    }

    /// A use ended.
    mutating func release(_ number: UInt32) {
        slots[Int(number)].uses -= 1
        guard slots[Int(number)].uses == 0, let catalog = slots[Int(number)].catalog else { return }
        numbers[catalog] = nil
        slots[Int(number)].catalog = nil
        free.append(number)
    }

    private mutating func number(of catalog: ShownCatalog) -> UInt32 {
        if let latest, slots[Int(latest)].catalog == catalog { return latest }
        return numbers[catalog] ?? add(catalog)
    }

    private mutating func add(_ catalog: ShownCatalog) -> UInt32 {
        let number = free.popLast() ?? UInt32(slots.count)
        if Int(number) == slots.count { slots.append(Slot()) }
        slots[Int(number)].catalog = catalog
        numbers[catalog] = number
        return number
    }
}
