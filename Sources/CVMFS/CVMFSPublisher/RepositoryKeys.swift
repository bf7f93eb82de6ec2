// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CVMFSFormat
package import Digests
internal import Foundation
internal import Problems

/// The keys of a repository: the master key signs the whitelist, the repository key the manifest.
package struct RepositoryKeys: Sendable {
    package let master: RSAPrivateKey
    package let repository: RSAPrivateKey
    package let certificate: SigningCertificate

    /// The certificate's dates mean nothing to clients; a long life keeps other tools quiet.
    private static let certificateLifetime: Int64 = 30 * 365 * 86400

    /// Makes and stores new keys: private parts for the owner only.
    static func create(at location: RepositoryLocation, now: Int64) throws -> RepositoryKeys {
        let master = try RSAPrivateKey.generate()
        let repository = try RSAPrivateKey.generate()
        let certificate = try SigningCertificate.selfSigned(
            key: repository,
            commonName: "\(location.name) CernVM-FS Release Managers",
            notBefore: now - 86400,
            notAfter: now + certificateLifetime
        )
        let files: [(String, [UInt8], mode_t)] = [
            (location.masterKey, master.pem, 0o600), (location.repositoryKey, repository.pem, 0o600),
            (location.certificate, certificate.pem, 0o644), (location.publicKey, master.publicKey.pem, 0o644),
        ]
        // The public key comes last: where it is, everything is.
        for (path, pem, mode) in files {
            try FileAccess.replace(path, with: pem, by: path + ".new", mode: mode, isSynced: true)
        }
        return RepositoryKeys(master: master, repository: repository, certificate: certificate)
    }

    /// Reads the keys; refuses private parts that others can read.
    static func load(at location: RepositoryLocation) throws -> RepositoryKeys {
        for path in [location.masterKey, location.repositoryKey] {
            var status = stat()
            guard stat(path, &status) == 0 else { throw SystemCallProblem("read the key", path) }
            guard status.st_mode & 0o077 == 0 else {
                throw PublisherProblem(
                    .keysReadableByOthers,
                    "the private key \(path) can be read by others",
                    remedy: "chmod 600 \(path), and think about who may have read it"
                )
            }
        }
        let keys = RepositoryKeys(
            master: try RSAPrivateKey(pem: FileAccess.read(location.masterKey)),
            repository: try RSAPrivateKey(pem: FileAccess.read(location.repositoryKey)),
            certificate: try SigningCertificate(pem: FileAccess.read(location.certificate))
        )
        guard keys.certificate.belongs(to: keys.repository) else {
            throw PublisherProblem(
                .badKeys,
                "\(location.certificate) is not the certificate of \(location.repositoryKey)"
            )
        }
        return keys
    }

    /// SHA-256 of the master public key in DER: what a site compares before it trusts the key.
    package var fingerprint: String {
        Hexadecimal.text(of: IncrementalDigest.digest(.sha256, of: master.publicKey.der))
    }
}
