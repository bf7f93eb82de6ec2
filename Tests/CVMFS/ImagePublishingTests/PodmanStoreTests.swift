// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import ImagePublishing
import MetadataStore
import RepositoryFixtures
import Testing

@Suite(.ownThread) struct PodmanStoreTests {
    private static let images = "podmanStore/overlay-images/images.json"
    private static let layers = "podmanStore/overlay-layers/layers.json"

    @Test("the store is the same in whatever order and however often images came")
    func reproducible() async throws {
        var contents: Set<String> = []
        for order in [["a", "b", "c"], ["c", "a", "b", "c"]] {
            let fixture = try PublishingFixture()
            for name in order {
                try await fixture.publishImage([TestLayer(files: [(name, name)])], as: "team/\(name)")
            }
            contents.insert(try fixture.content(Self.images) + fixture.content(Self.layers))
        }
        #expect(contents.count == 1)
        let text = try #require(contents.first)
        #expect(text.contains(#""names":["127.0.0.1:5000/team/a:1"]"#))
        #expect(text.contains("2026-01-02T03:04:05Z") && !text.contains("2026-01-01T00:00:00Z"))
    }

    @Test("an empty repository has a store that podman can open, and what is full says so")
    func limits() async throws {
        let fixture = try PublishingFixture(podmanImageLimit: 1)
        try await fixture.publishImage([TestLayer(files: [("a", "a")])], as: "team/a")
        try await fixture.publishImage([TestLayer(files: [("b", "b")])], as: "team/b")
        #expect(try fixture.status("team/b")?.warnings.map(\.kind) == ["podman-store-full"])
        #expect(try fixture.status("team/a")?.warnings.isEmpty == true)
        #expect(try !fixture.content(Self.images).contains("team/b"))
        try fixture.delete("team/a")
        try fixture.publish()
        #expect(try fixture.content(Self.images) == "[]" && fixture.content(Self.layers) == "[]")
        #expect(try fixture.names(in: "podmanStore/overlay") == ["l"])
        #expect(try fixture.names(in: "podmanStore/overlay/l").isEmpty)
        #expect(try fixture.entry("podmanStore/overlay-images/images.lock") != nil)
    }

    @Test("without a limit of images there is no store")
    func off() async throws {
        let fixture = try PublishingFixture(podmanImageLimit: 0)
        try await fixture.publishImage([TestLayer(files: [("a", "a")])], as: "team/a")
        #expect(try fixture.entry("podmanStore") == nil)
    }

    @Test(
        "an image that podman cannot read does not hide the others",
        arguments: [
            #"{"created":"yesterday"}"#, #"{"created":"2026-02-31T00:00:00Z"}"#, #"{"history":"none"}"#,
            #"{"history":[{"empty_layer":"yes"}]}"#, #"{"config":{"Volumes":["/data"]}}"#,
            #"{"config":{"VOLUMES":["/data"]}}"#, #"{"config":{"volume\u017f":["/data"]}}"#,
            #"{"config":{"ExposedPorts":{"80/tcp":1}}}"#, #"{"config":{"Healthcheck":{"Interval":"5s"}}}"#,
            #"{"os.features":"none"}"#,
        ]
    )
    func unreadable(members: String) async throws {
        let fixture = try PublishingFixture()
        try await fixture.publishImage([TestLayer(files: [("a", "a")])], as: "team/a")
        let more = try #require(try JSONSerialization.jsonObject(with: Data(members.utf8)) as? [String: Any])
        let odd = try await fixture.shelf.putImage([TestLayer(files: [("b", "b")])], more: more)
        for repository in ["team/b", "team/a"] {
            try fixture.push(odd, to: repository, "1")
            try fixture.publish()
            let status = try #require(try fixture.status(repository))
            #expect(status.warnings.map(\.kind) == ["podman-store-unreadable"])
            #expect(try !fixture.content(Self.images).contains("team/b"))
        }
        #expect(try fixture.content(Self.images) == "[]")
    }

    @Test("the store has an image whose config says all that podman reads")
    func readable() async throws {
        let fixture = try PublishingFixture()
        let more: [String: Any] = [
            "created": "2024-02-29T23:59:59.123456789+02:00", "author": NSNull(), "x": ["y": 1],
            "history": [["created": "0001-01-01T00:00:00Z", "empty_layer": true]],
        ]
        let digest = try await fixture.shelf.putImage(
            [TestLayer(files: [("a", "a")])],
            config: [
                "Volumes": ["/data": [String: String]()], "Labels": ["a": "b"],
                "Healthcheck": ["Interval": 5],
            ],
            more: more
        )
        try fixture.push(digest, to: "team/a", "1")
        try fixture.publish()
        #expect(try fixture.status("team/a")?.warnings.isEmpty == true)
        #expect(try fixture.content(Self.images).contains("team/a"))
    }
}
