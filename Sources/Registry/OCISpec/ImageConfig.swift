// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

package import Digests

/// What an image says about itself: its platform, how to run it, and the plain hashes of its layers.
///
/// - Source: OCI image specification 1.1, "image configuration".
package struct ImageConfig: Hashable, Sendable {
    package var architecture: String
    package var os: String
    package var variant: String?
    /// RFC 3339, verbatim.
    package var created: String?
    /// The digests of the uncompressed layers, lowest first; `nil` where the config names none.
    package var diffIDs: [OCIDigest]?
    package var execution: Execution

    /// How a container of the image runs.
    package struct Execution: Hashable, Sendable {
        /// `user[:group]`, names or numbers.
        package var user: String?
        /// `NAME=value` each.
        package var environment: [String]
        package var entrypoint: [String]
        package var command: [String]
        package var workingDirectory: String?
        package var stopSignal: String?
        package var labels: [String: String]
    }

    /// Reads a config blob.
    ///
    /// - Throws: `invalidJSON`, or `invalidConfig` with the member that is wrong.
    package init(parsing bytes: [UInt8]) throws(OCIProblem) {
        let fields = try ManifestFields(JSONValue(parsing: bytes), at: "config", code: .invalidConfig)
        architecture = try fields.string("architecture") ?? ""
        os = try fields.string("os") ?? ""
        variant = try fields.string("variant")
        created = try fields.string("created")
        diffIDs = try Self.diffIDs(fields)
        let inner = try fields.object("config") ?? .object(JSONObject(members: [:]))
        execution = try Execution(ManifestFields(inner, at: "config.config", code: .invalidConfig))
    }

    /// The machine that the image is made for.
    package var platform: Platform { Platform(architecture: architecture, os: os, variant: variant) }

    private static func diffIDs(_ fields: ManifestFields) throws(OCIProblem) -> [OCIDigest]? {
        guard let rootfs = try fields.object("rootfs") else { return nil }
        let inner = try ManifestFields(rootfs, at: "config.rootfs", code: .invalidConfig)
        guard let texts = try inner.list("diff_ids") else { return nil }
        var digests: [OCIDigest] = []
        for text in texts {
            guard let digest = OCIDigest(text) else {
                throw inner.problem("diff_ids", "holds a malformed digest")
            }
            digests.append(digest)
        }
        return digests
    }
}

extension ImageConfig.Execution {
    init(_ fields: ManifestFields) throws(OCIProblem) {
        user = try fields.string("User")
        environment = try fields.list("Env") ?? []
        entrypoint = try fields.list("Entrypoint") ?? []
        command = try fields.list("Cmd") ?? []
        workingDirectory = try fields.string("WorkingDir")
        stopSignal = try fields.string("StopSignal")
        labels = try fields.strings("Labels")
    }
}
