// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import Digests

/// Where the record of each object stands in the index file: 20 bytes of memory for each place, however long the names
/// and digests are.
///
/// A place bears 32 bits of its name's hash. Two names may share them, so whoever looks for a name compares it with the
/// name in the record. Linear probing; a removal moves later places up, so that no grave markers pile up.
struct RecordTable {
    /// What is remembered of one object.
    struct Place {
        fileprivate var mark: UInt32
        /// The number of its record in the file.
        fileprivate(set) var record: UInt32
        /// Unix seconds of the last use.
        var used: UInt32
        // Two halves, so that a place has 20 bytes and not 24.
        private var stampHigh: UInt32 = 0
        private var stampLow: UInt32 = 0

        fileprivate static let free = UInt32.max

        fileprivate init(mark: UInt32, record: UInt32, used: UInt32) {
            (self.mark, self.record, self.used) = (mark, record, used)
        }

        /// What the file looked like when its content was last verified; 0 if it was not since start.
        var verifiedStamp: UInt64 {
            get { UInt64(stampHigh) << 32 | UInt64(stampLow) }
            set {
                stampHigh = UInt32(truncatingIfNeeded: newValue >> 32)
                stampLow = UInt32(truncatingIfNeeded: newValue)
            }
        }
    }

    /// How many objects are known.
    private(set) var count = 0
    private var places: [Place]

    init() { places = Self.empty(64) }

    private static func empty(_ count: Int) -> [Place] {
        [Place](repeating: Place(mark: 0, record: Place.free, used: 0), count: count)
    }

    /// Finds the place of a name.
    ///
    /// - Parameters:
    ///   - name: the object's name.
    ///   - bears: whether the record of a number bears the name.
    /// - Returns: its index; `nil` if the name has none.
    func find(_ name: ContentHash, _ bears: (UInt32) -> Bool) -> Int? {
        let mark = Self.mark(of: name)
        var index = home(of: mark)
        while places[index].record != Place.free {
            if places[index].mark == mark, bears(places[index].record) { return index }
            index = next(index)
        }
        return nil
    }

    /// The place at an index that `find` returned; valid until the next insertion or removal.
    subscript(index: Int) -> Place {
        get { places[index] }
        set { places[index] = newValue }
    }

    /// Lets a place point to another record of the same name.
    mutating func move(_ index: Int, to record: UInt32) { places[index].record = record }

    /// Adds a name that has no place.
    mutating func insert(_ name: ContentHash, record: UInt32, used: UInt32) {
        if (count + 1) * 4 > places.count * 3 { grow() }
        put(Place(mark: Self.mark(of: name), record: record, used: used))
        count += 1
    }

    /// Frees a place.
    mutating func remove(at index: Int) {
        var (hole, index) = (index, next(index))
        while places[index].record != Place.free {
            // A place may move up only as far as its home.
            let distance = (index - home(of: places[index].mark)) & (places.count - 1)
            if distance >= (index - hole) & (places.count - 1) {
                places[hole] = places[index]
                hole = index
            }
            index = next(index)
        }
        places[hole].record = Place.free
        count -= 1
    }

    /// Record and time of the last use of every object.
    var uses: [(used: UInt32, record: UInt32)] {
        places.lazy.filter { $0.record != Place.free }.map { ($0.used, $0.record) }
    }

    private mutating func put(_ place: Place) {
        var index = home(of: place.mark)
        while places[index].record != Place.free { index = next(index) }
        places[index] = place
    }

    private mutating func grow() {
        let old = places
        places = Self.empty(old.count * 2)
        for place in old where place.record != Place.free { put(place) }
    }

    private func home(of mark: UInt32) -> Int { Int(mark) & (places.count - 1) }

    private func next(_ index: Int) -> Int { (index + 1) & (places.count - 1) }

    /// Of the seeded hash, so that nobody can make names that crowd together.
    private static func mark(of name: ContentHash) -> UInt32 { UInt32(truncatingIfNeeded: name.hashValue) }
}
