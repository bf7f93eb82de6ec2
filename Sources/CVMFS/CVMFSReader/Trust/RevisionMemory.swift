// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CVMFSFormat
internal import Problems

#if canImport(Glibc)
internal import Glibc
#endif

/// Remembers the newest revision that was seen of each repository, so that nobody can serve an old one again.
///
/// One file for each pair of name and master key: a repository that was made anew under another key starts anew.
/// The file holds the revision in decimal and a newline.
package struct RevisionMemory: Sendable {
    private let directory: String

    /// Keeps the files in a directory, which must exist.
    package init(directory: String) { self.directory = directory }

    /// Refuses a revision older than the newest seen, and remembers a newer one.
    ///
    /// - Throws: `olderRevision`; `local` if the memory cannot be read or written, since a roll-back could then go
    ///   unnoticed.
    package func admit(_ manifest: VerifiedManifest) throws(ReaderProblem) {
        let path = file(manifest.manifest, manifest.keyFingerprint)
        let newest = try check(manifest.manifest, path)
        let revision = manifest.manifest.revision
        if revision != newest { try write(revision, to: path) }
    }

    /// Refuses, before anything is verified, what `admit` would refuse anyway: a cache on the way may have kept it.
    ///
    /// Where several keys are configured it cannot be told yet which one vouches for it.
    func expect(_ manifest: PublishedManifest, under keys: MasterKeys) throws(ReaderProblem) {
        guard keys.keys.count == 1, let key = keys.keys.first else { return }
        _ = try check(manifest, file(manifest, MasterKeys.fingerprint(of: key)))
    }

    /// Returns the newest revision that was seen, unless the manifest is of an older one.
    private func check(_ manifest: PublishedManifest, _ path: String) throws(ReaderProblem) -> UInt64? {
        let newest = try read(path)
        if let newest, manifest.revision < newest {
            throw ReaderProblem(
                .olderRevision,
                "\(manifest.repository) is offered at revision \(manifest.revision), but \(newest) was seen before",
                remedy: "ask the operator; if the roll-back is meant, remove \(path)"
            )
        }
        return newest
    }

    private func file(_ manifest: PublishedManifest, _ keyFingerprint: String) -> String {
        "\(directory)/revision.\(manifest.repository).\(keyFingerprint.prefix(16))"
    }

    private func read(_ path: String) throws(ReaderProblem) -> UInt64? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            guard errno == ENOENT else {
                throw ReaderProblem(
                    .local,
                    "cannot tell which revision was seen",
                    cause: SystemCallProblem("open", path)
                )
            }
            return nil
        }
        defer { close(descriptor) }
        var buffer = [UInt8](repeating: 0, count: 32)
        let count = Glibc.read(descriptor, &buffer, buffer.count)
        guard count > 0, buffer[count - 1] == UInt8(ascii: "\n"),
            let revision = UInt64(String(decoding: buffer[..<(count - 1)], as: UTF8.self))
        else {
            throw ReaderProblem(.local, "the file \(path) holds no revision", remedy: "remove it")
        }
        return revision
    }

    private func write(_ revision: UInt64, to path: String) throws(ReaderProblem) {
        let temporary = "\(path).\(getpid())"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        let bytes = Array("\(revision)\n".utf8)
        guard descriptor >= 0, Glibc.write(descriptor, bytes, bytes.count) == bytes.count,
            fsync(descriptor) == 0, rename(temporary, path) == 0
        else {
            let cause = SystemCallProblem("write", path)
            if descriptor >= 0 { close(descriptor) }
            throw ReaderProblem(.local, "cannot remember the revision", cause: cause)
        }
        close(descriptor)
    }
}
