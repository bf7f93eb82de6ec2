// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

package import CVMFSFormat
package import Digests
internal import Foundation
internal import Synchronization

/// Where the parts of a repository stand in a data directory.
package struct RepositoryLocation: Sendable {
    /// The data directory.
    package let data: String
    package let name: RepositoryFQRN

    package init(data: String, name: RepositoryFQRN) {
        self.data = data
        self.name = name
    }

    /// The tree that is served as `/cvmfs/<name>/`.
    package var served: String { "\(data)/repositories/\(name)" }

    package var manifest: String { served + "/.cvmfspublished" }
    package var whitelist: String { served + "/.cvmfswhitelist" }
    package var reflog: String { served + "/.cvmfsreflog" }

    /// Scratch files, on the file system of the objects.
    package var scratch: String { served + "/data/txn" }

    /// The indexes of the layers that were ingested into this repository.
    package var layers: String { "\(data)/layers/\(name)" }

    /// The index of a layer that was ingested.
    package func layerIndex(_ diffID: OCIDigest) -> String { "\(layers)/\(Self.layerIndexName(diffID))" }

    /// The name of a layer's index in the directory of indexes.
    package static func layerIndexName(_ diffID: OCIDigest) -> String {
        "\(diffID.algorithm.rawValue)-\(diffID.encoded).index"
    }

    package var keys: String { data + "/keys" }

    /// The master public key, which clients need.
    package var publicKey: String { "\(keys)/\(name).pub" }
    var masterKey: String { "\(keys)/\(name).masterkey" }
    var repositoryKey: String { "\(keys)/\(name).key" }
    var certificate: String { "\(keys)/\(name).crt" }

    /// A path for a scratch file that nobody else uses.
    func scratchFile(_ purpose: String) -> String {
        "\(scratch)/\(purpose)-\(Self.process)-\(Self.lastFile.wrappingAdd(1, ordering: .relaxed).newValue)"
    }

    /// Tells this process's scratch files from those of all others, on any machine.
    private static let process = UUID().uuidString.prefix(8).lowercased()
    private static let lastFile = Atomic<UInt64>(0)

    /// Makes the directory skeleton, with all 256 object directories.
    ///
    /// - Source: cvmfs-format A.1.
    func makeSkeleton() throws {
        for directory in [
            data, data + "/repositories", data + "/layers", served, served + "/data", scratch, layers,
        ] {
            try FileAccess.makeDirectory(directory)
        }
        try FileAccess.makeDirectory(keys, mode: 0o700)
        for number in 0..<256 {
            let digits = String(number, radix: 16)
            try FileAccess.makeDirectory("\(served)/data/\(number < 16 ? "0" : "")\(digits)")
        }
    }

    /// Removes what interrupted writers left behind.
    ///
    /// Layers may be in work while another writer takes over, so only what nobody has touched for an hour goes.
    func clearScratch() {
        for directory in [scratch, layers] {
            for file in (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
            where directory == scratch || file.hasSuffix(".part") {
                removeIfStale("\(directory)/\(file)")
            }
        }
    }

    private func removeIfStale(_ path: String) {
        var status = stat()
        guard stat(path, &status) == 0, time(nil) - status.st_mtim.tv_sec > Self.staleAge else { return }
        // A file that cannot be removed is harmless: its name is never used again.
        unlink(path)
    }

    private static let staleAge = 3600
}
