// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

package import CVMFSFormat
internal import Problems

#if canImport(Glibc)
internal import Glibc
#endif

/// The secret that goes into a repository's node numbers, in a file, so that a client that is started again gives the
/// same numbers.
///
/// The file `numbers.<repository>` holds 16 hexadecimal digits and a newline. It is made by the first mount; several
/// clients may share it, and agree by a lock on the file. What a crash left of it is replaced.
package enum NumberSecret {
    private static let digitCount = 16

    /// The secret that a directory holds for a repository.
    ///
    /// Where it can neither be read nor kept it is a new one, and `report` is told.
    package static func kept(
        in directory: String,
        for repository: RepositoryFQRN,
        report: (String) -> Void
    ) -> UInt64 {
        let path = "\(directory)/numbers.\(repository)"
        let descriptor = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return readOnly(path, report) }
        defer { close(descriptor) }
        guard flock(descriptor, LOCK_EX) == 0 else { return lost(path, "flock", report) }
        if let secret = read(descriptor) { return secret }
        let secret = UInt64.random(in: 0 ... .max)
        let digits = String(secret, radix: 16)
        let text = Array((String(repeating: "0", count: digitCount - digits.count) + digits + "\n").utf8)
        guard ftruncate(descriptor, 0) == 0, pwrite(descriptor, text, text.count, 0) == text.count,
            fsync(descriptor) == 0
        else { return lost(path, "write", report) }
        return secret
    }

    /// What somebody else made where nothing can be written.
    private static func readOnly(_ path: String, _ report: (String) -> Void) -> UInt64 {
        let cause = SystemCallProblem("open", path)
        let descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC)
        guard descriptor >= 0 else { return lost(cause, report) }
        defer { close(descriptor) }
        return read(descriptor) ?? lost(cause, report)
    }

    private static func read(_ descriptor: Int32) -> UInt64? {
        var bytes = [UInt8](repeating: 0, count: digitCount + 2)
        guard pread(descriptor, &bytes, bytes.count, 0) == digitCount + 1,
            bytes[digitCount] == UInt8(ascii: "\n")
        else { return nil }
        return UInt64(String(decoding: bytes[..<digitCount], as: UTF8.self), radix: 16)
    }

    private static func lost(_ path: String, _ call: String, _ report: (String) -> Void) -> UInt64 {
        lost(SystemCallProblem(call, path), report)
    }

    private static func lost(_ cause: SystemCallProblem, _ report: (String) -> Void) -> UInt64 {
        report("node numbers will be others after a restart, since their secret cannot be kept: \(cause)")
        return .random(in: 0 ... .max)
    }
}
