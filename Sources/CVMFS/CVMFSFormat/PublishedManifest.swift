// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

package import Digests

/// The text of `.cvmfspublished`: the one mutable pointer that clients follow.
///
/// - Source: cvmfs-format B.1; order of lines by cvmfs-observed.
package struct PublishedManifest: Hashable, Sendable {
    /// `C`: the root catalog.
    package var rootCatalog: ContentHash
    /// `B`: bytes of the root catalog, not compressed.
    package var rootCatalogSize: Int64
    /// `R`: MD5 of the root path in hexadecimal; always that of the empty path.
    package var rootPathHash: String
    /// `D`: time to live, seconds.
    package var timeToLive: Int64
    /// `S`: revision.
    package var revision: UInt64
    /// `G`: may be garbage collected.
    package var isGarbageCollectable: Bool
    /// `A`: alternative links exist.
    package var hasAlternativeLinks: Bool
    /// `N`: the repository's name.
    package var repository: String
    /// `X`: the signing certificate.
    package var certificate: ContentHash?
    /// `H`: the history database.
    package var history: ContentHash?
    /// `T`: publication time, unix seconds.
    package var timestamp: Int64
    /// `M`: the meta information.
    package var metainfo: ContentHash?
    /// `Y`: hash of the raw `.cvmfsreflog`.
    package var reflog: ContentHash?

    /// The only value of `R` that clients accept.
    package static let emptyPathHash = "d41d8cd98f00b204e9800998ecf8427e"

    package init(
        rootCatalog: ContentHash,
        rootCatalogSize: Int64,
        timeToLive: Int64,
        revision: UInt64,
        isGarbageCollectable: Bool,
        repository: String,
        certificate: ContentHash?,
        history: ContentHash?,
        timestamp: Int64,
        metainfo: ContentHash?,
        reflog: ContentHash?
    ) {
        self.rootCatalog = rootCatalog
        self.rootCatalogSize = rootCatalogSize
        self.rootPathHash = Self.emptyPathHash
        self.timeToLive = timeToLive
        self.revision = revision
        self.isGarbageCollectable = isGarbageCollectable
        self.hasAlternativeLinks = false
        self.repository = repository
        self.certificate = certificate
        self.history = history
        self.timestamp = timestamp
        self.metainfo = metainfo
        self.reflog = reflog
    }

    /// Reads the text part of a letter.
    ///
    /// Unknown letters are ignored; of a letter that occurs twice the last counts.
    ///
    /// - Throws: `incomplete` if one of `C R D S` is missing, `malformed` if a value cannot be read.
    package init(text: [UInt8]) throws(LetterProblem) {
        var values: [UInt8: String] = [:]
        for line in text.split(separator: UInt8(ascii: "\n")) {
            if line.elementsEqual("--".utf8) { break }
            guard let key = line.first else { continue }
            values[key] = String(decoding: line.dropFirst(), as: UTF8.self)
        }
        let reader = LineValues(values: values)
        rootCatalog = try reader.hash("C").orThrow("C")
        rootCatalogSize = try reader.number("B") ?? 0
        guard let path = reader["R"] else { throw LineValues.missing("R") }
        rootPathHash = path
        timeToLive = try reader.number("D").orThrow("D")
        revision = try reader.number("S").orThrow("S")
        isGarbageCollectable = reader["G"] == "yes"
        hasAlternativeLinks = reader["A"] == "yes"
        repository = reader["N"] ?? ""
        certificate = try reader.hash("X")
        history = try reader.hash("H")
        timestamp = try reader.number("T") ?? 0
        metainfo = try reader.hash("M")
        reflog = try reader.hash("Y")
    }

    /// The text part of the letter.
    package var text: [UInt8] {
        var lines = [
            "C\(rootCatalog)", "B\(rootCatalogSize)", "R\(rootPathHash)", "D\(timeToLive)", "S\(revision)",
            "G\(isGarbageCollectable ? "yes" : "no")", "A\(hasAlternativeLinks ? "yes" : "no")",
            "N\(repository)",
        ]
        if let certificate { lines.append("X\(certificate)") }
        if let history { lines.append("H\(history)") }
        lines.append("T\(timestamp)")
        if let metainfo { lines.append("M\(metainfo)") }
        if let reflog { lines.append("Y\(reflog)") }
        return Array((lines.joined(separator: "\n") + "\n").utf8)
    }
}

/// The values of a manifest's lines by their letters.
private struct LineValues {
    let values: [UInt8: String]

    subscript(key: Character) -> String? { key.asciiValue.flatMap { values[$0] } }

    func hash(_ key: Character) throws(LetterProblem) -> ContentHash? {
        guard let text = self[key] else { return nil }
        guard let hash = ContentHash(text) else {
            throw LetterProblem(.malformed, "the line '\(key)' of the manifest holds no hash")
        }
        return hash
    }

    func number<Number: FixedWidthInteger>(_ key: Character) throws(LetterProblem) -> Number? {
        guard let text = self[key] else { return nil }
        guard let number = Number(text), number >= 0 else {
            throw LetterProblem(.malformed, "the line '\(key)' of the manifest holds no number")
        }
        return number
    }

    static func missing(_ key: Character) -> LetterProblem {
        LetterProblem(.incomplete, "the manifest has no line '\(key)'")
    }
}

extension Optional {
    fileprivate func orThrow(_ key: Character) throws(LetterProblem) -> Wrapped {
        guard let value = self else { throw LineValues.missing(key) }
        return value
    }
}
