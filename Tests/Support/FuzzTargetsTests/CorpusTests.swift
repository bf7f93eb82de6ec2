// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import FuzzTargets
import Testing

@Suite struct CorpusTests {
    private static let corpus = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Fuzzing/Corpus")

    private static func inputs(_ target: FuzzTarget) throws -> [[UInt8]] {
        try FileManager.default.contentsOfDirectory(
            at: corpus.appending(path: target.rawValue),
            includingPropertiesForKeys: nil
        )
        .sorted { $0.path < $1.path }
        .map { [UInt8](try Data(contentsOf: $0)) }
    }

    @Test("what fuzzing has kept is still taken or refused as it must be", arguments: FuzzTarget.allCases)
    func replay(target: FuzzTarget) throws {
        let inputs = try Self.inputs(target)
        #expect(inputs.count > 3)
        for bytes in inputs {
            #expect(throws: Never.self, "\(String(decoding: bytes.prefix(200), as: UTF8.self))") {
                try target.run(bytes)
            }
        }
    }

    @Test("the neighbours of what was kept are no trouble either", arguments: FuzzTarget.allCases)
    func neighbours(target: FuzzTarget) throws {
        for bytes in try Self.inputs(target) where bytes.count < 400 {
            for position in bytes.indices {
                for byte in [0, UInt8(ascii: "-"), UInt8(ascii: "9"), UInt8(ascii: "/"), 0xFF] {
                    var changed = bytes
                    changed[position] = byte
                    #expect(throws: Never.self) { try target.run(changed) }
                }
                #expect(throws: Never.self) { try target.run(Array(bytes[..<position])) }
            }
        }
    }
}
