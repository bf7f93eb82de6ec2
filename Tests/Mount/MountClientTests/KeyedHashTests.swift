// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

import MountClient
import Testing

@Suite("keyed hashes")
struct KeyedHashTests {
    /// What Python says, which hashes bytes by SipHash-1-3 and under PYTHONHASHSEED=0 with a key of zeros:
    /// `hash(bytes(range(8 * n)))`.
    private static let vectors: [(UInt64, UInt64)] = [
        (1, 0xead4_11e6_7ebe_2eea), (2, 0x8972_1884_33a5_c5b7), (3, 0x3118_5a47_af93_2f3a),
    ]

    @Test("whole words are hashed as SipHash-1-3 does", arguments: Self.vectors)
    func equal(wordCount: UInt64, wanted: UInt64) {
        var hash = KeyedHash(key: (0, 0))
        for word in 0..<wordCount { hash.combine(0x0706_0504_0302_0100 + word * 0x0808_0808_0808_0808) }
        #expect(hash.finished() == wanted)
    }

    @Test("an empty message under the key of the definition")
    func empty() {
        let key: (UInt64, UInt64) = (0x0706_0504_0302_0100, 0x0f0e_0d0c_0b0a_0908)
        #expect(KeyedHash(key: key).finished() == 0xabac_0158_050f_c4dc)
    }

    @Test("byte strings of all lengths, and the same bytes divided in other ways, have hashes of their own")
    func strings() {
        var seen: Set<UInt64> = []
        for first in 0..<40 {
            for second in 0..<40 {
                var hash = KeyedHash(key: (1, 2))
                hash.combine([UInt8](repeating: 0, count: first))
                hash.combine([UInt8](repeating: 0, count: second))
                seen.insert(hash.finished())
            }
        }
        #expect(seen.count == 1600)
    }
}
