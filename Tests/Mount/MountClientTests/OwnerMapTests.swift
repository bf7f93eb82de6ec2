// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

import MountClient
import Testing

@Suite("owner maps")
struct OwnerMapTests {
    @Test("numbers are replaced, others take the default, comments and empty lines say nothing")
    func replacements() throws {
        let map = try OwnerMap(text: "# from to\n\n1000 42 # somebody\n 0\t7\n* 99\n")
        #expect([map[1000], map[0], map[5]] == [42, 7, 99])
    }

    @Test("without a default the others stay what they are")
    func noDefault() throws {
        #expect(try OwnerMap(text: "1 2")[3] == 3)
        #expect(OwnerMap()[3] == 3)
    }

    @Test(
        "lines that make no sense are refused by their number",
        arguments: ["root 0", "1", "1 2 3", "1 -2", "* *", "1 4294967296", "-1 1"]
    )
    func malformed(line: String) {
        let problem = #expect(throws: MountProblem.self) { try OwnerMap(text: "1 2\n\(line)\n") }
        #expect(problem?.message.contains("line 2") == true)
    }
}

@Suite("kernel features")
struct KernelFeatureTests {
    @Test("every feature has one switch")
    func switches() {
        let named = KernelFeatures.names.map(\.value)
        #expect(named.reduce(KernelFeatures.minimal) { $0.union($1) } == .all)
        #expect(Set(named.map(\.rawValue)).count == named.count)
        #expect(Set(KernelFeatures.names.map(\.key)).count == named.count)
        #expect(KernelFeatures.named("passthrough") == .passthrough && KernelFeatures.named("none") == nil)
    }
}
