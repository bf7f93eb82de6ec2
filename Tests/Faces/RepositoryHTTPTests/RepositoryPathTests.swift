// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

import RepositoryHTTP
import Testing

@Suite struct RepositoryPathTests {
    private static let digits = String(repeating: "a", count: 38)

    private func path(_ text: String) -> RepositoryPath? {
        RepositoryPath(
            segments: text.split(separator: "/", omittingEmptySubsequences: false).map { String($0) }
        )
    }

    @Test(
        "the files of a repository are served",
        arguments: [
            ".cvmfspublished", ".cvmfswhitelist", ".cvmfsreflog", ".cvmfs_master_replica",
            ".cvmfs_status.json",
        ]
    )
    func files(name: String) {
        #expect(path(name)?.file == name)
    }

    @Test("objects of every algorithm and kind are served for long", arguments: ["", "-rmd160", "-shake128"])
    func objects(suffix: String) {
        for letter in ["", "C", "H", "M", "P", "X"] {
            let name = "data/0f/\(Self.digits)\(suffix)\(letter)"
            #expect(path(name)?.file == name)
            #expect(path(name)?.cacheControl.contains("immutable") == true)
        }
    }

    @Test(
        "nothing else is",
        arguments: [
            "", "data", "data/0f", "data/0f/", "data/0F/D", "data/0f/D.tmp", "data/0f/Da", "data/0f/DZ",
            "data/0f/D-md5",
            "data/0f/D-rmd160-shake128-x", "data/txn/D", "data/0f/../x", "../.cvmfspublished",
            ".cvmfspublished/",
            ".cvmfspublished.tmp", ".cvmfsdirtab", "keys", "data/0f/D/x", ".cvmfs_status.json~",
        ]
    )
    func refused(text: String) {
        #expect(path(text.replacing("D", with: Self.digits)) == nil)
    }

    @Test("a cache between does not hold a new revision back")
    func freshness() {
        #expect(path(".cvmfspublished")?.cacheControl == "public, max-age=5, no-transform")
        #expect(path(".cvmfswhitelist")?.cacheControl == "public, max-age=61, no-transform")
    }
}
