// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import Digests
internal import Foundation
internal import ObjectCache

/// The index of a node's cache, which other processes write and a crash may leave in any state.
extension FuzzTarget {
    /// Whatever stands in the file: each object counts once, and the sum that the limit is compared with is theirs.
    static func indexes(_ bytes: [UInt8]) throws(Finding) {
        let directory = FileManager.default.temporaryDirectory.path + "/index-\(getpid())-\(pthread_self())"
        try? FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try inspect(bytes, directory)
        // Also with checksums that are true, which noise never has.
        var honest = bytes
        for start in stride(from: 0, through: bytes.count - 80, by: 80) {
            let sum = IncrementalDigest.digest(.sha256, of: Array(bytes[start..<(start + 76)])).prefix(4)
            honest.replaceSubrange((start + 76)..<(start + 80), with: sum)
        }
        try inspect(honest, directory)
    }

    private static func inspect(_ bytes: [UInt8], _ directory: String) throws(Finding) {
        let inspection: IndexInspection
        do {
            try Data(bytes).write(to: URL(fileURLWithPath: directory + "/index"))
            inspection = try IndexInspection(of: directory)
        } catch {
            throw Finding(description: "an index of \(bytes.count) bytes cannot be read: \(error)")
        }
        let names = Set(inspection.objects.map(\.name))
        try check(names.count == inspection.objects.count, "an object counts twice")
        try check(inspection.objects.allSatisfy { $0.size >= 0 }, "an object has a negative size")
        try check(
            inspection.objects.reduce(Int64(0)) { $0 &+ $1.size } == inspection.totalSize,
            "the sum is not that of the objects"
        )
        try check(names.count <= bytes.count / 80, "there are more objects than records")
        try check(inspection.isDamaged || bytes.count % 80 == 0, "a record that is cut short is not noticed")
    }
}
