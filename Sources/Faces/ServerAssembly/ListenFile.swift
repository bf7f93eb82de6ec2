// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// The file that tells other programs on the machine where the server listens.
enum ListenFile {
    /// Writes aside and renames, so that no reader sees half an address.
    ///
    /// A failure is not worth stopping for: the file is a convenience, and a full disk is reported by what
    /// matters.
    static func write(_ address: ListenAddress, to path: String) {
        let aside = path + ".new"
        guard let file = fopen(aside, "w") else { return }
        fputs("\(address)\n", file)
        guard fclose(file) == 0 else { return }
        rename(aside, path)
    }

    static func remove(_ path: String) { unlink(path) }
}
