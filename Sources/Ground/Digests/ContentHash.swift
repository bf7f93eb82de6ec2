// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

/// The algorithms that may name a CVMFS object.
///
/// The raw value is the one that catalogs store in bits 8 to 10 of `flags`.
/// - Source: cvmfs-format A.3, C.6.
package enum ContentHashAlgorithm: UInt8, Sendable, CaseIterable {
    case sha1 = 0
    case rmd160 = 1
    case shake128 = 2

    /// The name in configuration and on the command line.
    package var name: String { digestAlgorithm.rawValue }

    /// What follows the digits in every textual form: nothing for SHA-1.
    package var textSuffix: String {
        switch self {
        case .sha1: ""
        case .rmd160: "-rmd160"
        case .shake128: "-shake128"
        }
    }

    /// The hash function.
    package var digestAlgorithm: DigestAlgorithm {
        switch self {
        case .sha1: .sha1
        case .rmd160: .rmd160
        case .shake128: .shake128
        }
    }

    /// Finds the algorithm of a name such as `shake128`.
    package init?(name: String) {
        guard let found = Self.allCases.first(where: { $0.name == name }) else { return nil }
        self = found
    }
}

/// The letter that follows the hash in the name of an object that is not plain file content.
///
/// - Source: cvmfs-format A.4.
package enum ObjectKind: String, Sendable, CaseIterable {
    /// The content of a whole file.
    case file = ""
    case catalog = "C"
    case history = "H"
    case metainfo = "M"
    /// One chunk of a chunked file ("partial").
    case chunk = "P"
    case certificate = "X"
}

/// The name of an object in a CVMFS repository: 160 bits, over the bytes as they are stored.
///
/// - Source: cvmfs-format A.2, A.3.
package struct ContentHash: Hashable, Sendable, CustomStringConvertible, LosslessStringConvertible {
    /// The hash function.
    package let algorithm: ContentHashAlgorithm
    // 20 bytes held inline, so that millions of hashes need no allocation of their own.
    private let head: UInt64
    private let middle: UInt64
    private let tail: UInt32

    /// Wraps a finished digest; `nil` unless it has 20 bytes.
    package init?(algorithm: ContentHashAlgorithm, bytes: some Collection<UInt8>) {
        let hash = bytes.withContiguousStorageIfAvailable {
            ContentHash(algorithm: algorithm, bytes: UnsafeRawBufferPointer($0))
        }
        guard
            let hash = hash ?? Array(bytes).withUnsafeBytes({ ContentHash(algorithm: algorithm, bytes: $0) })
        else { return nil }
        self = hash
    }

    /// Wraps a finished digest in memory; `nil` unless it has 20 bytes.
    package init?(algorithm: ContentHashAlgorithm, bytes: UnsafeRawBufferPointer) {
        guard bytes.count == 20 else { return nil }
        self.algorithm = algorithm
        head = UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self))
        middle = UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
        tail = UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: 16, as: UInt32.self))
    }

    /// Reads the text form: 40 lower-case digits and the algorithm's suffix.
    ///
    /// Anything else is `nil`.
    package init?(_ text: String) {
        let digits = text.prefix(40)
        let suffix = String(text.dropFirst(40))
        guard digits.utf8.count == 40, let bytes = Hexadecimal.bytes(of: digits),
            let algorithm = ContentHashAlgorithm.allCases.first(where: { $0.textSuffix == suffix })
        else { return nil }
        self.init(algorithm: algorithm, bytes: bytes)
    }

    /// Hashes bytes that are in memory.
    package init(_ algorithm: ContentHashAlgorithm, of content: UnsafeRawBufferPointer) {
        let digest = IncrementalDigest.digest(algorithm.digestAlgorithm, of: content)
        guard let hash = ContentHash(algorithm: algorithm, bytes: digest) else {
            preconditionFailure("a content hash has 20 bytes")
        }
        self = hash
    }

    /// Hashes bytes that are in memory.
    package init(_ algorithm: ContentHashAlgorithm, of content: [UInt8]) {
        self = content.withUnsafeBytes { ContentHash(algorithm, of: $0) }
    }

    /// The 20 bytes of the digest, as catalogs store them.
    package var bytes: [UInt8] {
        [UInt8](unsafeUninitializedCapacity: 20) { buffer, count in
            for position in 0..<8 {
                buffer[position] = UInt8(truncatingIfNeeded: head >> (56 - 8 * position))
                buffer[position + 8] = UInt8(truncatingIfNeeded: middle >> (56 - 8 * position))
            }
            for position in 0..<4 {
                buffer[position + 16] = UInt8(truncatingIfNeeded: tail >> (24 - 8 * position))
            }
            count = 20
        }
    }

    /// The digits without the algorithm's suffix.
    package var digits: String { Hexadecimal.text(of: bytes) }

    /// The text form, without a letter for the kind of object.
    package var description: String { digits + algorithm.textSuffix }

    /// The object's path below the repository's root: `data/ab/cdef…-shake128C`.
    package func objectPath(_ kind: ObjectKind) -> String {
        "data/" + objectName(kind)
    }

    /// The object's path below `data/`: `ab/cdef…-shake128C`.
    package func objectName(_ kind: ObjectKind) -> String {
        let digits = digits
        return "\(digits.prefix(2))/\(digits.dropFirst(2))\(algorithm.textSuffix)\(kind.rawValue)"
    }
}
