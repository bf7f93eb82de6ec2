// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

import CVMFSFormat
import Testing

@Suite("bundles")
struct FileBundleTests {
    private func text(
        name: String = "\"CVMFS_BUNDLE\"",
        version: String = "\"1.0.0\"",
        encoding: String = "\"UTF-8\"",
        _ dependencies: String
    ) -> [UInt8] {
        Array(
            "{\"name\":\(name),\"version\":\(version),\"encoding\":\(encoding),\"dependencies\":\(dependencies)}"
                .utf8
        )
    }

    @Test("paths are read in their order")
    func paths() throws {
        let bundle = try FileBundle(text("[\"/b/c d\", \"/a\", \"/\u{e4}\"]"))
        #expect(
            bundle.dependencies.map { $0.map { String(decoding: $0, as: UTF8.self) } } == [
                ["b", "c d"], ["a"], ["\u{e4}"],
            ]
        )
    }

    @Test("what is written is read as the same, whatever signs there are")
    func roundTrip() throws {
        let paths = ["/a", "/b/\"quoted\"", "/back\\slash", "/tab\t", "/\u{1F600}", "/\u{1}"]
        let bundle = FileBundle(paths: paths)
        #expect(bundle.dependencies.count == paths.count)
        #expect(try FileBundle(Array(bundle.text.utf8)) == bundle)
    }

    @Test(
        "what cannot be written down is left out",
        arguments: ["a", "/", "/a//b", "/a/../b", "/./a", "", "/a/"]
    )
    func leftOut(path: String) {
        #expect(FileBundle(paths: ["/good", path]).dependencies.count == 1)
    }

    @Test(
        "paths that are none from the root are refused",
        arguments: [
            "a/b", "", "/", "/..", "/a/../b", "//a", "/a/", "/a\u{0}b",
            "/" + String(repeating: "x", count: 256),
        ]
    )
    func badPaths(path: String) {
        let quoted = path == "/a\u{0}b" ? "/a\\u0000b" : path
        #expect(throws: FileBundleProblem.self) { try FileBundle(text("[\"/good\", \"\(quoted)\"]")) }
    }

    @Test("other kinds, versions and encodings are refused")
    func kinds() {
        #expect(throws: FileBundleProblem.self) { try FileBundle(text(name: "\"X\"", "[]")) }
        #expect(throws: FileBundleProblem.self) { try FileBundle(text(version: "\"2.0.0\"", "[]")) }
        #expect(throws: FileBundleProblem.self) { try FileBundle(text(encoding: "\"UTF-16\"", "[]")) }
        #expect(throws: FileBundleProblem.self) { try FileBundle(text("[1]")) }
        #expect(throws: FileBundleProblem.self) { try FileBundle(text("{}")) }
        #expect(throws: FileBundleProblem.self) { try FileBundle([]) }
    }

    @Test("too many files, too long a text and too deep a text are refused")
    func bounds() {
        let many = "[" + String(repeating: "\"/a\",", count: FileBundle.dependencyLimit) + "\"/a\"]"
        #expect(throws: FileBundleProblem.self) { try FileBundle(text(many)) }
        #expect(throws: FileBundleProblem.self) {
            try FileBundle([UInt8](repeating: 0x20, count: FileBundle.sizeLimit + 1))
        }
        #expect(throws: FileBundleProblem.self) {
            try FileBundle([UInt8](repeating: UInt8(ascii: "["), count: 1 << 20))
        }
    }
}
