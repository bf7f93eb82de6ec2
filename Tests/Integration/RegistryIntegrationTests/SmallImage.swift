// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

import Digests
import Foundation
import TestSupport

/// An image of one file, as an OCI layout.
enum SmallImage {
    /// Writes the layout with the tag `1`, and returns its path.
    static func write(to scope: TestScope, _ name: String) throws -> String {
        let layer = tar(name: "hello", content: Array("hello\n".utf8))
        let layerDigest = OCIDigest(of: layer)
        let config = """
            {"architecture":"amd64","os":"linux","config":{"Cmd":["/hello"]},\
            "rootfs":{"type":"layers","diff_ids":["\(layerDigest)"]}}
            """
        let manifest = """
            {"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json",\
            "config":\(descriptor("application/vnd.oci.image.config.v1+json", Array(config.utf8))),\
            "layers":[\(descriptor("application/vnd.oci.image.layer.v1.tar", layer))]}
            """
        var entry = descriptor("application/vnd.oci.image.manifest.v1+json", Array(manifest.utf8))
        entry.removeLast()
        let index = """
            {"schemaVersion":2,"manifests":[\(entry),"annotations":{"org.opencontainers.image.ref.name":"1"}}]}
            """
        for blob in [layer, Array(config.utf8), Array(manifest.utf8)] {
            try scope.write(blob, to: "\(name)/blobs/sha256/\(OCIDigest(of: blob).encoded)")
        }
        try scope.write(Array(#"{"imageLayoutVersion":"1.0.0"}"#.utf8), to: "\(name)/oci-layout")
        try scope.write(Array(index.utf8), to: "\(name)/index.json")
        return scope.path(name)
    }

    private static func descriptor(_ type: String, _ content: [UInt8]) -> String {
        #"{"mediaType":"\#(type)","digest":"\#(OCIDigest(of: content))","size":\#(content.count)}"#
    }

    /// A ustar archive of one file.
    private static func tar(name: String, content: [UInt8]) -> [UInt8] {
        var header = [UInt8](repeating: 0, count: 512)
        let put = { (header: inout [UInt8], text: String, offset: Int) in
            for (position, byte) in text.utf8.enumerated() { header[offset + position] = byte }
        }
        let octal = { (number: Int, width: Int) in
            let digits = String(number, radix: 8)
            return String(repeating: "0", count: width - digits.count) + digits
        }
        put(&header, name, 0)
        put(&header, "0000755", 100)
        put(&header, "0000000", 108)
        put(&header, "0000000", 116)
        put(&header, octal(content.count, 11), 124)
        put(&header, octal(1_700_000_000, 11), 136)
        put(&header, "        0", 148)
        put(&header, "ustar", 257)
        put(&header, "00", 263)
        put(&header, octal(header.reduce(0) { $0 + Int($1) }, 6), 148)
        header[154] = 0
        let padding = [UInt8](repeating: 0, count: (512 - content.count % 512) % 512)
        return header + content + padding + [UInt8](repeating: 0, count: 1024)
    }
}
