// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

import Digests
import OCISpec
import Testing

@Suite struct ManifestTests {
    private static let digest = "sha256:" + String(repeating: "0", count: 64)
    private static let descriptor = #"{"mediaType":"x/y","digest":"\#(digest)","size":3}"#
    private static let image = #"{"schemaVersion":2,"config":\#(descriptor),"layers":[\#(descriptor)]}"#

    private func parse(_ text: String, _ type: String? = nil) throws -> Manifest {
        try Manifest(parsing: Array(text.utf8), declaredType: type)
    }

    @Test("an image is read, with its type from the request, the document, or its shape")
    func image() throws {
        let manifest = try parse(Self.image)
        #expect(manifest.mediaType == MediaType.ociManifest)
        guard case .image(let image) = manifest.content else {
            throw OCIProblem(.invalidManifest, "no image")
        }
        #expect(image.layers.map(\.sizeInBytes) == [3])
        #expect(manifest.configType == "x/y")
        #expect(try parse(Self.image, MediaType.dockerManifest).mediaType == MediaType.dockerManifest)
        #expect(try parse(Self.image, "application/json").mediaType == MediaType.ociManifest)
        #expect(try parse(#"{"schemaVersion":2,"manifests":[]}"#).mediaType == MediaType.ociIndex)
    }

    @Test("unknown members, empty lists, inline data and foreign URLs are no reason to refuse")
    func tolerated() throws {
        let layer =
            #"{"mediaType":"x/y","digest":"\#(Self.digest)","size":0,"data":"","urls":["https://x"],"new":{}}"#
        let manifest = try parse(
            #"{"schemaVersion":2,"config":\#(layer),"layers":[],"annotations":{"a":"b"},"x":[]}"#
        )
        #expect(manifest.annotations == ["a": "b"])
        _ = try parse(#"{"schemaVersion":2,"config":\#(layer),"layers":[\#(layer),\#(layer)]}"#)
        _ = try parse(#"{"schemaVersion":2,"config":\#(layer),"layers":[],"subject":\#(layer)}"#)
    }

    @Test(
        "a manifest that two readers could understand differently is refused",
        arguments: [
            #"{"schemaVersion":2,"config":D,"layers":[],"manifests":[]}"#,
            #"{"schemaVersion":2,"config":D,"layers":[],"layers":[]}"#,
            #"{"schemaVersion":2,"config":D,"layers":[],"Layers":[D]}"#,
            #"{"schemaVersion":2,"config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"sha256:0000000000000000000000000000000000000000000000000000000000000000","size":3},"layers":null}"#,
            #"{"schemaVersion":2,"config":D}"#,
            #"{"schemaVersion":2,"layers":[]}"#,
            #"{"schemaVersion":1,"config":D,"layers":[]}"#,
            #"{"schemaVersion":"2","config":D,"layers":[]}"#,
            #"{"config":D,"layers":[]}"#,
            #"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","config":D,"layers":[]}"#,
            #"{"schemaVersion":2,"mediaType":7,"config":D,"layers":[]}"#,
            #"{"schemaVersion":2,"config":[],"layers":[]}"#,
            #"{"schemaVersion":2,"config":D,"layers":{}}"#,
            #"{"schemaVersion":2,"config":D,"layers":[7]}"#,
            #"{"schemaVersion":2,"config":D,"layers":[]} x"#,
            #"[]"#,
        ]
    )
    func refused(text: String) {
        let text = text.replacing("D", with: Self.descriptor)
        #expect(throws: OCIProblem.self) { try parse(text, MediaType.ociManifest) }
    }

    @Test(
        "a malformed descriptor is refused",
        arguments: [
            #"{"digest":"G","size":1}"#, #"{"mediaType":"x","size":1}"#, #"{"mediaType":"x","digest":"G"}"#,
            #"{"mediaType":"x","digest":"G","size":-1}"#, #"{"mediaType":"x","digest":"G","size":"1"}"#,
            #"{"mediaType":"x","digest":"G","size":1.5}"#,
            #"{"mediaType":"x","digest":"G","size":9223372036854775808}"#,
            #"{"mediaType":"x","digest":"sha256:../../x","size":1}"#,
            #"{"mediaType":"x","digest":"md5:00","size":1}"#,
        ]
    )
    func badDescriptor(text: String) {
        let descriptor = text.replacing("G", with: Self.digest)
        #expect(throws: OCIProblem.self) {
            try parse(#"{"schemaVersion":2,"config":\#(descriptor),"layers":[]}"#)
        }
    }

    @Test("schema 1 is refused with a hint")
    func schema1() {
        let problem = #expect(throws: OCIProblem.self) {
            try parse(#"{"schemaVersion":1}"#, "application/vnd.docker.distribution.manifest.v1+prettyjws")
        }
        #expect(problem?.message.contains("schema 1") == true)
    }

    @Test("a manifest over the limit is refused before it is read")
    func size() {
        let problem = #expect(throws: OCIProblem.self) {
            try Manifest(parsing: Array(repeating: 0x20, count: 101), declaredType: nil, sizeLimit: 100)
        }
        #expect(problem?.code == .manifestTooLarge)
    }

    @Test("a config says how to run the image")
    func config() throws {
        let text = """
            {"architecture":"arm64","os":"linux","variant":"v8","rootfs":{"type":"layers","diff_ids":["\(Self.digest)"]},
            "config":{"User":"1:2","Env":["A=b"],"Entrypoint":null,"Cmd":["sh"],"WorkingDir":"/w","Labels":{"x":"y"}}}
            """
        let config = try ImageConfig(parsing: Array(text.utf8))
        #expect(config.platform.description == "linux/arm64/v8")
        #expect(config.diffIDs?.count == 1)
        #expect(config.execution.command == ["sh"])
        #expect(config.execution.entrypoint.isEmpty)
        #expect(try ImageConfig(parsing: Array("{}".utf8)).diffIDs == nil)
        #expect(throws: OCIProblem.self) {
            try ImageConfig(parsing: Array(#"{"config":{"Env":"A=b"}}"#.utf8))
        }
    }
}
