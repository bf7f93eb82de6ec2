// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

package import Digests
internal import Problems

/// What can be wrong with a repository's signed files.
package struct LetterProblem: Problem {
    /// The kinds of problem.
    package enum Code: String, CaseIterable, Sendable {
        case malformed = "malformed-letter"
        case incomplete = "incomplete-manifest"
        case wrongHash = "letter-hash-mismatch"
        case badSignature = "bad-signature"
    }

    package let code: Code
    package let message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    package var identifier: String { code.rawValue }
}

/// The envelope of the manifest and of the whitelist: a text, the hash of the text, and a signature of the hash.
///
/// ```
/// <text, ends with \n> -- \n <hash text> \n <signature up to the end>
/// ```
/// - Source: cvmfs-format B.2.
package struct SignedLetter: Sendable {
    /// The lines before `--`, with their last newline.
    package let text: [UInt8]
    /// The hash of the text; its printed form is what is signed.
    package let hash: ContentHash
    package let signature: [UInt8]

    /// Splits a file and checks the hash.
    ///
    /// The signature is checked by the caller, who knows the scheme and the key.
    package init(_ file: [UInt8]) throws(LetterProblem) {
        guard let end = Self.endOfText(file) else {
            throw LetterProblem(.malformed, "there is no line '--' that ends the text")
        }
        let afterMark = end + 3
        guard let newline = file[afterMark...].firstIndex(of: UInt8(ascii: "\n")), newline - afterMark <= 64,
            let hash = ContentHash(String(decoding: file[afterMark..<newline], as: UTF8.self))
        else { throw LetterProblem(.malformed, "there is no hash after the line '--'") }
        text = Array(file[..<end])
        self.hash = hash
        signature = Array(file[(newline + 1)...])
        guard ContentHash(hash.algorithm, of: text) == hash else {
            throw LetterProblem(.wrongHash, "the text does not have the hash that is printed below it")
        }
    }

    /// Hashes and signs a text.
    ///
    /// `sign` makes the signature of the hash's printed form; its problem is passed on.
    package init(
        text: [UInt8],
        algorithm: ContentHashAlgorithm,
        sign: ([UInt8]) throws(KeyProblem) -> [UInt8]
    ) throws(KeyProblem) {
        self.text = text
        hash = ContentHash(algorithm, of: text)
        signature = try sign(Array(hash.description.utf8))
    }

    /// The file.
    package var encoded: [UInt8] { text + Array("--\n\(hash)\n".utf8) + signature }

    /// What the signature is made of.
    package var signedText: [UInt8] { Array(hash.description.utf8) }

    /// The position after the newline that the first `--` line follows.
    private static func endOfText(_ file: [UInt8]) -> Int? {
        let mark = Array("\n--\n".utf8)
        guard file.count >= mark.count else { return nil }
        for start in 0...(file.count - mark.count) where file[start] == mark[0] {
            if file[start..<(start + mark.count)].elementsEqual(mark) { return start + 1 }
        }
        return nil
    }
}
