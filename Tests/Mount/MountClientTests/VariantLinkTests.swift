// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

import MountClient
import Testing

@Suite("variant links")
struct VariantLinkTests {
    @Test(
        "variables are expanded as the stock client does",
        arguments: [
            ("plain", "plain"), ("$(A)", "1"), ("x/$(A)/y", "x/1/y"), ("$(NONE)", ""), ("$(NONE:-d)", "d"),
            ("$(A:-d)", "1"), ("$(NONE:-)", ""), ("$(A", "$(A"), ("$A", "$A"), ("$$(A)", "$1"),
            ("$(A)$(B)", "12"), ("", ""),
            ("$(NONE:-a:-b)", "a:-b"),
        ]
    )
    func expansion(target: String, expected: String) {
        let result = VariantLink.expand(Array(target.utf8), ["A": "1", "B": "2"])
        #expect(String(decoding: result, as: UTF8.self) == expected)
    }

    @Test("bytes that are no UTF-8 stay")
    func rawBytes() {
        #expect(VariantLink.expand([0xff, 0x24, 0xfe], [:]) == [0xff, 0x24, 0xfe])
    }
}
