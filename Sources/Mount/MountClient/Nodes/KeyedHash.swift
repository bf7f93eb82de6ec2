// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

/// SipHash-1-3 of 64-bit words: 64 bits that come out the same in every run, and that nobody foresees without the key.
///
/// A look-up computes one over all that an entry shows, so it neither allocates nor leaves the registers.
/// - Source: J.-P. Aumasson, D. J. Bernstein, "SipHash: a fast short-input PRF", with one round for each word and three
///   at the end.
package struct KeyedHash {
    private var v0: UInt64
    private var v1: UInt64
    private var v2: UInt64
    private var v3: UInt64
    private var wordCount: UInt64 = 0

    /// Begins a hash under a key of 128 bits.
    package init(key: (UInt64, UInt64)) {
        v0 = key.0 ^ 0x736f_6d65_7073_6575
        v1 = key.1 ^ 0x646f_7261_6e64_6f6d
        v2 = key.0 ^ 0x6c79_6765_6e65_7261
        v3 = key.1 ^ 0x7465_6462_7974_6573
    }

    /// Adds eight bytes, the lowest first.
    package mutating func combine(_ word: UInt64) {
        wordCount &+= 1
        compress(word)
    }

    /// Adds the number of bytes, and the bytes in words of which the last is filled up with zeros.
    package mutating func combine(_ bytes: [UInt8]) {
        combine(UInt64(bytes.count))
        bytes.withUnsafeBytes { bytes in
            var position = 0
            while position + 8 <= bytes.count {
                let word = bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self)
                combine(UInt64(littleEndian: word))
                position += 8
            }
            guard position < bytes.count else { return }
            combine(bytes[position...].reversed().reduce(0) { $0 << 8 | UInt64($1) })
        }
    }

    /// The hash of what was added.
    package func finished() -> UInt64 {
        var end = self
        // The length in bytes stands in the highest byte of a last word, as the definition says.
        end.compress(wordCount << 59)
        end.v2 ^= 0xff
        for _ in 0..<3 { end.round() }
        return end.v0 ^ end.v1 ^ end.v2 ^ end.v3
    }

    private mutating func compress(_ word: UInt64) {
        v3 ^= word
        round()
        v0 ^= word
    }

    private mutating func round() {
        v0 &+= v1
        v2 &+= v3
        v1 = v1 << 13 | v1 >> 51
        v3 = v3 << 16 | v3 >> 48
        v1 ^= v0
        v3 ^= v2
        v0 = v0 << 32 | v0 >> 32
        v2 &+= v1
        v0 &+= v3
        v1 = v1 << 17 | v1 >> 47
        v3 = v3 << 21 | v3 >> 43
        v1 ^= v2
        v3 ^= v0
        v2 = v2 << 32 | v2 >> 32
    }
}
