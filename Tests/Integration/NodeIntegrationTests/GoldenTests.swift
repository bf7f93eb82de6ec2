// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import RepositoryFixtures
import Testing

/// Repositories that the reference server wrote, against what the reference client showed of them.
@Suite(
    "golden repositories",
    .serialized,
    .enabled(if: MountedRepository.isPossible, "\(MountedRepository.requirement)")
)
struct GoldenTests {
    static let sets = ["basic", "chunked", "shake128", "uncompressed", "ingested"]
    static let modes = [
        ["open=none"], ["open=passthrough"],
        ["open=passthrough", "passthrough=off", "readdirplus=off", "epochs=off"], ["kernel=minimal"],
    ]

    private static let golden = BuiltProgram.packageRoot + "/Tests/Fixtures/golden"

    private static func unpack(_ set: String, into scratch: ScratchDirectory) throws {
        let unpacked = try BuiltProgram.run(
            "/usr/bin/env",
            ["tar", "-I", "zstd", "-C", scratch.path, "-xf", "\(golden)/\(set).tar.zst"]
        )
        try #require(unpacked.status == 0, "\(unpacked.errors)")
    }

    @Test("every tag shows the tree that the reference client showed", arguments: sets, modes)
    func treesAreEqual(set: String, mode: [String]) throws {
        let scratch = try ScratchDirectory()
        try Self.unpack(set, into: scratch)
        let server = try RepositoryServer(scratch.path)
        let expected = try FileManager.default.contentsOfDirectory(atPath: "\(scratch.path)/\(set)/expect")
            .filter { $0.hasPrefix("tree.") }.sorted()
        try #require(!expected.isEmpty)
        for file in expected {
            let tag = file.split(separator: ".")[1]
            let mounted = try MountedRepository(
                "\(set).example.org",
                server: "\(server.address)/\(set)/cvmfs/@fqrn@",
                key: "\(scratch.path)/\(set)/\(set).example.org.pub",
                in: scratch,
                options: mode + (tag == "trunk" ? [] : ["tag=\(tag)"])
            )
            let listing = try BuiltProgram.run(
                "/usr/bin/env",
                ["python3", Self.golden + "/tree-listing", mounted.path]
            )
            let tree = try String(contentsOfFile: "\(scratch.path)/\(set)/expect/\(file)", encoding: .utf8)
            let difference = Set(listing.output.split(separator: "\n"))
                .symmetricDifference(Set(tree.split(separator: "\n")))
            #expect(difference.isEmpty, "\(set) \(tag): \(difference.sorted().prefix(4))")
            #expect(listing.output.count == tree.count)
            try mounted.unmount()
        }
    }

    @Test(
        "a date shows the newest tag that is not younger",
        arguments: ["43": "rev1", "44": "rev2", "59": "trunk"]
    )
    func dates(second: String, tag: String) throws {
        let scratch = try ScratchDirectory()
        try Self.unpack("basic", into: scratch)
        let mounted = try MountedRepository(
            "basic.example.org",
            server: "\(scratch.path)/basic/cvmfs/basic.example.org",
            key: "\(scratch.path)/basic/basic.example.org.pub",
            in: scratch,
            options: ["CVMFS_REPOSITORY_DATE=2026-11-23T17:10:\(second)Z"]
        )
        let listing = try BuiltProgram.run(
            "/usr/bin/env",
            ["python3", Self.golden + "/tree-listing", mounted.path]
        )
        let tree = try String(
            contentsOfFile: "\(scratch.path)/basic/expect/tree.\(tag).mtree",
            encoding: .utf8
        )
        #expect(listing.output == tree)
    }
}
