// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import COpenSSL

/// Hashes a stream piece by piece.
///
/// Not safe to use from two threads at once. After `finish()` it starts anew, so that one object can serve many
/// inputs without another allocation.
package final class IncrementalDigest {
    /// The hash function.
    package let algorithm: DigestAlgorithm
    /// How many bytes were hashed since the start or the last `finish()`.
    package private(set) var byteCount: Int64 = 0

    private let context: OpaquePointer
    private let implementation: OpaquePointer

    /// Starts an empty input.
    package init(_ algorithm: DigestAlgorithm) {
        guard let implementation = algorithm.implementation, let context = EVP_MD_CTX_new() else {
            preconditionFailure("libcrypto offers no \(algorithm.rawValue)")
        }
        self.algorithm = algorithm
        self.implementation = implementation
        self.context = context
        restart()
    }

    deinit { EVP_MD_CTX_free(context) }

    /// Appends bytes to the input.
    package func update(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count > 0 else { return }
        precondition(EVP_DigestUpdate(context, bytes.baseAddress, bytes.count) == 1, "EVP_DigestUpdate")
        byteCount += Int64(bytes.count)
    }

    /// Appends bytes to the input.
    package func update(_ bytes: [UInt8]) { bytes.withUnsafeBytes { update($0) } }

    /// Appends bytes to the input.
    package func update(_ bytes: some Sequence<UInt8>) {
        let done: Void? = bytes.withContiguousStorageIfAvailable { update(UnsafeRawBufferPointer($0)) }
        guard done == nil else { return }
        Array(bytes).withUnsafeBytes { update($0) }
    }

    /// Returns the digest of everything since the last start, and starts anew.
    package func finish() -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: algorithm.byteCount) { buffer, count in
            finish(into: UnsafeMutableRawBufferPointer(buffer))
            count = algorithm.byteCount
        }
    }

    /// Writes the digest of everything since the last start to a buffer that has room for it, and starts anew.
    package func finish(into buffer: UnsafeMutableRawBufferPointer) {
        precondition(buffer.count >= algorithm.byteCount, "a digest needs \(algorithm.byteCount) bytes")
        let address = buffer.assumingMemoryBound(to: UInt8.self).baseAddress
        // SHAKE is an extendable-output function: its length is the caller's choice.
        let code =
            algorithm == .shake128
            ? EVP_DigestFinalXOF(context, address, algorithm.byteCount)
            : EVP_DigestFinal_ex(context, address, nil)
        precondition(code == 1, "EVP_DigestFinal")
        restart()
    }

    /// Returns the digest of what was hashed so far, and goes on hashing.
    package func snapshot() -> [UInt8] {
        guard let copy = EVP_MD_CTX_new() else { preconditionFailure("EVP_MD_CTX_new") }
        defer { EVP_MD_CTX_free(copy) }
        precondition(EVP_MD_CTX_copy_ex(copy, context) == 1, "EVP_MD_CTX_copy_ex")
        return [UInt8](unsafeUninitializedCapacity: algorithm.byteCount) { buffer, count in
            let code =
                algorithm == .shake128
                ? EVP_DigestFinalXOF(copy, buffer.baseAddress, algorithm.byteCount)
                : EVP_DigestFinal_ex(copy, buffer.baseAddress, nil)
            precondition(code == 1, "EVP_DigestFinal")
            count = algorithm.byteCount
        }
    }

    /// Returns the digest of a buffer.
    package static func digest(_ algorithm: DigestAlgorithm, of bytes: UnsafeRawBufferPointer) -> [UInt8] {
        let hasher = IncrementalDigest(algorithm)
        hasher.update(bytes)
        return hasher.finish()
    }

    /// Returns the digest of a sequence of bytes.
    package static func digest(_ algorithm: DigestAlgorithm, of bytes: some Sequence<UInt8>) -> [UInt8] {
        let hasher = IncrementalDigest(algorithm)
        hasher.update(bytes)
        return hasher.finish()
    }

    private func restart() {
        byteCount = 0
        precondition(EVP_DigestInit_ex2(context, implementation, nil) == 1, "EVP_DigestInit_ex2")
    }
}
