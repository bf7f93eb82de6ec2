// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import NIOHTTP2
internal import NIOSSL
internal import Synchronization

/// The certificate chain and key that the server shows, as files that may be replaced while it runs.
///
/// Connections keep what they began with; the next one gets the newest pair that could be read.
final class ServerCertificate: Sendable {
    /// Where the pair lies.
    struct Files: Hashable, Sendable {
        /// PEM: the server's own certificate first, then those that vouch for it.
        var certificate: String
        /// PEM, without a passphrase.
        var key: String
    }

    let files: Files
    private let current: Mutex<NIOSSLContext>

    /// Reads the pair.
    ///
    /// Blocks.
    ///
    /// - Throws: `ServerProblem`, naming the file that is at fault.
    init(_ files: Files) throws {
        self.files = files
        current = Mutex(try Self.read(files))
    }

    /// What the next connection is to use.
    var context: NIOSSLContext { current.withLock { $0 } }

    /// Reads the pair anew; if that fails, the old one stays.
    ///
    /// Blocks.
    func reload() throws {
        let fresh = try Self.read(files)
        current.withLock { $0 = fresh }
    }

    private static func read(_ files: Files) throws -> NIOSSLContext {
        let chain = try problem("the certificate \(files.certificate) cannot be read") {
            try NIOSSLCertificate.fromPEMFile(files.certificate)
        }
        let key = try problem("the key \(files.key) cannot be read") {
            try NIOSSLPrivateKey(file: files.key, format: .pem)
        }
        guard !chain.isEmpty else {
            throw ServerProblem(
                .certificateUnusable,
                "the file \(files.certificate) holds no certificate",
                remedy: remedy
            )
        }
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) },
            privateKey: .privateKey(key)
        )
        configuration.minimumTLSVersion = .tlsv12
        configuration.applicationProtocols = NIOHTTP2SupportedALPNProtocols
        return try problem("the key \(files.key) does not fit the certificate \(files.certificate)") {
            try NIOSSLContext(configuration: configuration)
        }
    }

    private static let remedy =
        "give a chain and its key as PEM, without a passphrase, readable by the server"

    private static func problem<Value>(_ message: String, _ body: () throws -> Value) throws -> Value {
        do {
            return try body()
        } catch {
            throw ServerProblem(.certificateUnusable, message, remedy: remedy, cause: error)
        }
    }
}

extension ServerConfiguration {
    /// The certificate and its key, if the server is to speak TLS.
    var certificateFiles: ServerCertificate.Files? {
        guard let certificateFile, let keyFile else { return nil }
        return ServerCertificate.Files(certificate: certificateFile, key: keyFile)
    }
}
