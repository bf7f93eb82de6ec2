// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CVMFSFormat
internal import Digests

/// Verifies the signed files link by link, and goes on where one is broken.
///
/// - Source: cvmfs-format B.1 to B.6, C.19 (1, 16).
struct TrustCheck {
    let source: any RepositorySource
    let repository: RepositoryFQRN
    let keys: MasterKeys
    /// Unix seconds.
    let now: Int64
    let sink: FaultSink

    private static let manifestFile = ".cvmfspublished"
    private static let whitelistFile = ".cvmfswhitelist"

    /// Verifies the files.
    ///
    /// - Parameter certificate: gets the content of the certificate's object.
    /// - Returns: the manifest, trusted or not; `nil` if it cannot be read at all.
    func manifest(
        certificate: (ContentHash) throws(ReaderProblem) -> [UInt8]
    ) -> PublishedManifest? {
        guard let (letter, manifest) = readManifest() else { return nil }
        let whitelist = readWhitelist()
        guard let hash = manifest.certificate else {
            sink.add(.certificate, Self.manifestFile, "the manifest names no certificate")
            return manifest
        }
        do {
            let certificate = try SigningCertificate(pem: certificate(hash))
            if certificate.publicKey?.verifiesSHA1(signature: letter.signature, of: letter.signedText) != true
            {
                sink.add(.signature, Self.manifestFile, "the signature is not by the certificate")
            }
            if let whitelist, !whitelist.lists(certificate) {
                sink.add(.certificate, Self.manifestFile, "the certificate is not on the whitelist")
            }
        } catch {
            sink.add(.certificate, hash.objectPath(.certificate), "the certificate cannot be used: \(error)")
        }
        checkLinks(manifest)
        return manifest
    }

    private func readManifest() -> (SignedLetter, PublishedManifest)? {
        do {
            let letter = try SignedLetter(read(Self.manifestFile, limit: 64 << 10))
            let manifest = try PublishedManifest(text: letter.text)
            if manifest.repository != repository.name {
                sink.add(
                    .manifest,
                    Self.manifestFile,
                    "the manifest belongs to '\(manifest.repository)', not to \(repository)"
                )
            }
            if manifest.rootPathHash != PublishedManifest.emptyPathHash {
                sink.add(.manifest, Self.manifestFile, "the manifest is not for the repository's root")
            }
            for (letter, hash) in [("H", manifest.history), ("M", manifest.metainfo)] where hash == nil {
                sink.add(.manifest, Self.manifestFile, "the manifest has no line '\(letter)'")
            }
            return (letter, manifest)
        } catch {
            sink.add(.manifest, Self.manifestFile, "\(error)")
            return nil
        }
    }

    private func readWhitelist() -> VerifiedWhitelist? {
        do {
            let file = try read(Self.whitelistFile, limit: 1 << 20)
            return try VerifiedWhitelist(file, repository: repository, keys: keys, now: now)
        } catch {
            sink.add(.whitelist, Self.whitelistFile, "\(error)")
            return nil
        }
    }

    /// Alternative links of the objects that are needed before anyone can be asked for authentication.
    ///
    /// - Source: cvmfs-format A.7.
    private func checkLinks(_ manifest: PublishedManifest) {
        guard manifest.hasAlternativeLinks else { return }
        var links = ["\(manifest.rootCatalog)\(ObjectKind.catalog.rawValue)"]
        if let certificate = manifest.certificate {
            links.append("\(certificate)\(ObjectKind.certificate.rawValue)")
        }
        for link in links.map({ ".cvmfsalt-" + $0 }) {
            let isThere = (try? source.contains(link)) ?? false
            if !isThere { sink.add(.alternativeLink, link, "the link does not exist") }
        }
    }

    private func read(_ path: String, limit: Int) throws -> [UInt8] {
        let receiver = MemoryReceiver(limit: limit)
        _ = try source.fetch(path, range: nil, validator: nil, into: receiver)
        return receiver.bytes
    }
}
