// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

import CVMFSFormat
import CVMFSPublisher
import Digests
import ImagePublishing
import Testing

@Suite(.ownThread) struct ReproducibilityTests {
    private func root(_ layers: [TestLayer]) async throws -> ContentHash {
        let fixture = try PublishingFixture()
        let digest = try await fixture.shelf.putImage(layers, config: ["Env": ["A=1"], "Cmd": ["/bin/sh"]])
        try fixture.push(digest, to: "team/app")
        // One revision each: how many tags share one is a matter of time.
        try fixture.publish()
        try fixture.push(fixture.shelf.putIndex([.init(digest: digest)]), to: "team/index")
        try fixture.publish()
        return fixture.writer.manifest.rootCatalog
    }

    @Test("the same images, keys and clock give the same root catalog in any data directory")
    func sameRoot() async throws {
        let files = (0..<500).map { ("d\($0 % 7)/f\($0)", "content \($0 % 50)") }
        let layers = [TestLayer(files: files, as: .gzip), TestLayer(files: [("d1/.wh.f1", ""), ("x", "y")])]
        let first = try await root(layers)
        #expect(try await root(layers) == first)
    }
}
