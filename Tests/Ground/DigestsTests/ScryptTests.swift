// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

import Digests
import Testing

@Suite struct ScryptTests {
    @Test("the vectors of RFC 7914 come out")
    func vectors() {
        let empty = Scrypt.derive(
            [],
            salt: [],
            cost: .init(logarithm: 4, blockSize: 1, parallelism: 1),
            count: 64
        )
        #expect(
            empty.map { Hexadecimal.text(of: $0) }
                == "77d6576238657b203b19ca42c18a0497f16b4844e3074ae8dfdffa3fede21442"
                + "fcd0069ded0948f8326a753a0fc81f17e8d3e0fb2e0d3628cf35e20c38d18906"
        )
        let second = Scrypt.derive(
            Array("password".utf8),
            salt: Array("NaCl".utf8),
            cost: .init(logarithm: 10, blockSize: 8, parallelism: 16),
            count: 64
        )
        #expect(
            second.map { Hexadecimal.text(of: $0) }
                == "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162"
                + "2eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640"
        )
    }

    @Test(
        "a cost out of range is refused",
        arguments: [
            Scrypt.Cost(logarithm: 0, blockSize: 8, parallelism: 1),
            .init(logarithm: 63, blockSize: 8, parallelism: 1),
            .init(logarithm: 10, blockSize: 0, parallelism: 1),
            .init(logarithm: 10, blockSize: .max, parallelism: 1),
            .init(logarithm: 10, blockSize: 8, parallelism: 0),
        ]
    )
    func range(cost: Scrypt.Cost) {
        #expect(Scrypt.derive([1], salt: [2], cost: cost) == nil)
    }

    @Test("secrets are equal only if every byte is")
    func constantTime() {
        #expect(ConstantTime.isEqual([], []))
        #expect(ConstantTime.isEqual([1, 2], [1, 2]))
        #expect(!ConstantTime.isEqual([1, 2], [1, 3]))
        #expect(!ConstantTime.isEqual([1, 2], [1, 2, 3]))
    }
}
