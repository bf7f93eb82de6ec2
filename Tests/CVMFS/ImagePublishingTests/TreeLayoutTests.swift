// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

import Digests
import FileTree
import Foundation
import ImagePublishing
import OCISpec
import Testing

/// - Source: the layout of unpacked.cern.ch.
@Suite struct TreeLayoutTests {
    private let layout = TreeLayout(registry: "127.0.0.1:5000")

    private func names() throws -> (RepositoryName, TagName) {
        (try #require(RepositoryName("team/app")), try #require(TagName("1.2")))
    }

    @Test("a tag has its link, its alias without colons, and its metadata")
    func places() throws {
        let (repository, tag) = try names()
        #expect(layout.link(repository, tag) == TreePath("127.0.0.1:5000/team/app:1.2"))
        #expect(layout.alias(repository, tag) == TreePath(".by-name/127.0.0.1+5000/team/app/1.2"))
        #expect(layout.metadata(repository, tag) == TreePath(".metadata/127.0.0.1:5000/team/app:1.2"))
    }

    @Test("each platform of an index has its own link and metadata")
    func platforms() throws {
        let (repository, tag) = try names()
        let arm = try #require(PlatformName(Platform(architecture: "arm", os: "linux", variant: "v6")))
        #expect(
            layout.platformLink(arm, repository, tag)
                == TreePath(".multiarch/arm:v6/127.0.0.1:5000/team/app:1.2")
        )
        #expect(
            layout.metadata(repository, tag, platform: arm)
                == TreePath(".metadata/.multiarch/arm:v6/127.0.0.1:5000/team/app:1.2")
        )
    }

    @Test("the link of an index lets the client put its platform in")
    func variants() throws {
        let (repository, tag) = try names()
        let target = layout.variantTarget(from: layout.link(repository, tag), repository, tag)
        #expect(
            String(decoding: target, as: UTF8.self)
                == "../../.multiarch/$(CVMFS_ARCH:-amd64)/127.0.0.1:5000/team/app:1.2"
        )
    }

    @Test("a flat tree stands under the first two digits of its config's digest")
    func flatTree() {
        let digest = OCIDigest(of: [])
        #expect(TreeLayout.flatTree(digest) == TreePath(".flat/e3/\(digest.encoded)"))
    }

    @Test(
        "the great directories, registries and projects begin catalogs",
        arguments: [
            ".flat", ".flat/ab", "r:1", "r:1/team", ".metadata", ".metadata/r:1", ".metadata/r:1/team",
            ".multiarch", ".multiarch/amd64/r:1", ".multiarch/amd64/r:1/team", ".by-name", ".by-name/r+1",
            ".by-name/r+1/team", ".metadata/.multiarch", ".metadata/.multiarch/amd64/r:1",
            ".metadata/.multiarch/amd64/r:1/team",
        ]
    )
    func catalogs(path: String) { #expect(TreeLayout.ownsCatalog(TreePath(path))) }

    @Test(
        "nothing else does",
        arguments: [
            "", ".multiarch/amd64", ".metadata/.multiarch/amd64", "r:1/team/sub", ".by-name/r+1/team/app",
            ".metadata/r:1/team/app:1", ".multiarch/amd64/r:1/team/sub", ".flat/ab/cd",
        ]
    )
    func noCatalogs(path: String) { #expect(!TreeLayout.ownsCatalog(TreePath(path))) }
}

@Suite struct PlatformNameTests {
    private func name(_ architecture: String, _ variant: String? = nil, os: String = "linux") -> String? {
        PlatformName(Platform(architecture: architecture, os: os, variant: variant))?.description
    }

    @Test("an architecture has one name, whatever a build tool calls it")
    func canonicalNames() {
        #expect(name("amd64") == "amd64" && name("x86_64") == "amd64" && name("amd64", "v1") == "amd64")
        #expect(name("aarch64") == "arm64" && name("arm64", "v8") == "arm64" && name("i386") == "386")
        #expect(name("arm", "v7") == "arm" && name("arm") == "arm" && name("amd64", "") == "amd64")
        #expect(name("amd64", os: "") == "amd64")
    }

    @Test("an unusual variant is a part of the name")
    func variants() {
        #expect(name("arm", "v6") == "arm:v6" && name("amd64", "v3") == "amd64:v3")
    }

    @Test("no platform takes the place of an alias", arguments: PlatformName.aliases.map(\.name))
    func aliases(alias: String) throws {
        let target = try #require(PlatformName.aliases.first { $0.name == alias }?.target)
        #expect(name(alias) == target)
    }

    @Test("other systems are not shown", arguments: ["windows", "darwin", "unknown"])
    func otherSystems(os: String) { #expect(name("amd64", os: os) == nil) }

    @Test(
        "words that cannot be directory names, or are the publisher's own, are refused",
        arguments: [
            "", ".", "..", "unknown", "a/b", "a b", "a\n", "..%2f", "ä", ".cvmfscatalog", ".hidden",
            String(repeating: "a", count: 65),
        ]
    )
    func unsafeNames(architecture: String) {
        #expect(name(architecture) == nil)
        #expect(name("amd64", "../" + architecture) == nil)
    }
}
