// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import COpenSSL

extension [UInt8] {
    /// Lends the bytes to OpenSSL as a readable BIO, and forgets the errors that a failed parse leaves behind.
    func withBIO<Result>(_ body: (OpaquePointer) -> Result?) -> Result? {
        withUnsafeBytes { buffer in
            guard let bio = BIO_new_mem_buf(buffer.baseAddress, Int32(clamping: buffer.count)) else {
                return nil
            }
            defer {
                BIO_free(bio)
                ERR_clear_error()
            }
            return body(bio)
        }
    }
}

/// Collects what an OpenSSL encoder writes.
enum BIOWriter {
    /// Returns everything that `body` wrote; empty if it failed.
    static func bytes(_ body: (OpaquePointer) -> Int32) -> [UInt8] {
        guard let bio = BIO_new(BIO_s_mem()) else { return [] }
        defer { BIO_free(bio) }
        guard body(bio) == 1 else { return [] }
        var contents: UnsafeMutablePointer<CChar>?
        let count = wharf_bio_contents(bio, &contents)
        guard let contents, count > 0 else { return [] }
        return [UInt8](UnsafeRawBufferPointer(start: contents, count: count))
    }
}
