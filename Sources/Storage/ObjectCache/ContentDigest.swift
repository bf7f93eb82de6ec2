// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import Digests

#if canImport(Glibc)
internal import Glibc
#endif

/// The SHA-256 of whole files.
enum ContentDigest {
    /// Hashes a file from its beginning; `nil` if it cannot be read.
    static func of(_ descriptor: Int32) -> [UInt8]? {
        let hasher = IncrementalDigest(.sha256)
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 4096)
        defer { buffer.deallocate() }
        while true {
            let count = pread(descriptor, buffer.baseAddress, buffer.count, off_t(hasher.byteCount))
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { return nil }
            if count == 0 { return hasher.finish() }
            hasher.update(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        }
    }
}
