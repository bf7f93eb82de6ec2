// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import IdentityProviders
internal import MetadataStore

/// The lines of an htpasswd file: `name:hash`, blank lines and comments aside.
///
/// Only bcrypt is taken, which is what registries use; the other schemes of such files are broken.
enum HtpasswdFile {
    struct Entry: Sendable {
        var name: String
        var hash: String

        func account(at now: Timestamp) -> AccountRecord {
            AccountRecord(
                id: 0,
                name: name,
                passwordHash: hash,
                isAdministrator: false,
                isDisabled: false,
                credentialVersion: 1,
                created: now
            )
        }
    }

    /// - Throws: `invalid`, naming the first line that is wrong.
    static func entries(_ text: String) throws(AccountProblem) -> [Entry] {
        var entries: [Entry] = []
        for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
            .enumerated()
        {
            guard !line.isEmpty, !line.hasPrefix("#") else { continue }
            let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2 else { throw fault(index, "is not NAME:HASH") }
            let (name, hash) = (String(parts[0]), String(parts[1]))
            if let problem = AccountRules.fault(ofName: name) { throw fault(index, problem) }
            guard hash.hasPrefix("$2"), PasswordHash(hash) != nil else {
                throw fault(index, "has no bcrypt hash (htpasswd -B makes one)")
            }
            entries.append(Entry(name: name, hash: hash))
        }
        return entries
    }

    private static func fault(_ index: Int, _ what: String) -> AccountProblem {
        AccountProblem(.invalid, "line \(index + 1): \(what)")
    }
}
