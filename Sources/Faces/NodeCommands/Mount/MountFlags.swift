// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import CVMFSFormat

/// The options that say what is mounted, and how.
struct MountFlags: ParsableArguments {
    @Option(help: "Base addresses of the repository, separated by commas; @fqrn@ and @org@ are expanded.")
    var server: String?

    @Option(help: "File with the repository's master public key.")
    var publicKey: String?

    @Option(help: "Directory of the object cache; all mounts of a machine may share it.")
    var cache: String?

    @Option(
        help:
            "File with NAME:SECRET or a token, for a private repository; sent over https and within the machine only."
    )
    var tokenFile: String?

    @Option(name: .customShort("o"), help: "Options, key=value, separated by commas.")
    var options: [String] = []

    /// The elements of all `-o` lists.
    var optionWords: [String] { options.flatMap { $0.split(separator: ",").map { String($0) } } }

    /// What these flags ask for.
    func request(for repository: String) throws(SettingProblem) -> MountRequest {
        guard let name = NodeConfiguration.repository(repository) else {
            throw SettingProblem(
                .repository,
                "'\(repository)' is no repository name",
                remedy: "names have at least two labels, such as unpacked.example.org"
            )
        }
        let flags = [
            "server": server, "public-key": publicKey, "cache": cache, "token-file": tokenFile,
        ]
        let words =
            optionWords
            + flags.compactMap { name, value in value.map { "\(name)=\($0)" } }
        return MountRequest(repository: name, words: words.map { Self.absolute($0) })
    }

    /// The options that name files and directories; of keys there may be several, with colons between them.
    private static let paths: Set = [
        "public-key", "cache", "token-file", "alien-cache", "workspace", "ca-file", "metrics-file",
        "export-directory",
    ]

    /// An option whose paths do not depend on the directory that this process is in: a mount leaves it.
    static func absolute(_ word: String, in directory: String? = WorkDirectory.current) -> String {
        let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, paths.contains(String(parts[0])), let directory else { return word }
        let paths =
            parts[0] == "public-key"
            ? parts[1].split(separator: ":", omittingEmptySubsequences: false) : [parts[1]]
        let values = paths.map { path in
            path.isEmpty || path.hasPrefix("/") ? String(path) : "\(directory)/\(path)"
        }
        return "\(parts[0])=" + values.joined(separator: ":")
    }
}
