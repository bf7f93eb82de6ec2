// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import HTTPFetching

#if canImport(Glibc)
internal import Glibc
#endif

/// Files that hold what is shown to servers: `NAME:SECRET`, or a token.
enum TokenFile {
    /// Reads one; it must be closed to others, as it holds a secret.
    static func read(_ path: String) throws(SettingProblem) -> Authorization {
        var status = stat()
        guard stat(path, &status) == 0, let content = SmallFile.read(path) else {
            throw SettingProblem(.option, "the file \(path) cannot be read", remedy: "check --token-file")
        }
        guard status.st_mode & 0o077 == 0 else {
            throw SettingProblem(
                .option,
                "the file \(path) holds a secret and is open to others",
                remedy: "chmod 600 \(path)"
            )
        }
        guard let authorization = Authorization(file: content) else {
            throw SettingProblem(
                .option,
                "the file \(path) holds neither NAME:SECRET nor a token",
                remedy: "write one line, as for a login or as /service/token gives it"
            )
        }
        return authorization
    }
}
