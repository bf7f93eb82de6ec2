// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

package import CVMFSPublisher
internal import Foundation

/// The toy keys of the interoperability vectors, so that no test waits for new ones.
package enum ToyKeys {
    /// Puts the keys where a publisher looks for those of a repository.
    package static func install(at location: RepositoryLocation) throws {
        let source = BuiltProgram.packageRoot + "/Tests/Fixtures/signature-vectors/"
        try FileManager.default.createDirectory(
            atPath: location.keys,
            withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700]
        )
        let files = [
            ("master.key", "masterkey"), ("repository.key", "key"), ("repository.crt", "crt"),
            ("master.pub", "pub"),
        ]
        for (file, suffix) in files {
            let target = "\(location.keys)/\(location.name).\(suffix)"
            try Data(contentsOf: URL(fileURLWithPath: source + file)).write(to: URL(fileURLWithPath: target))
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: target)
        }
    }
}
