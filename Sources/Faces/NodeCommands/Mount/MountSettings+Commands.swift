// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CVMFSFormat

extension MountSettings {
    /// The settings that a command line and the node's files make together.
    ///
    /// - Parameters:
    ///   - repository: its name.
    ///   - options: the lists of `-o`.
    ///   - flags: long options by name; they win over everything else.
    /// - Throws: `repository`, `option`, `noServer`, `noKey`.
    init(repository: String, options: [String], flags: [(String, String?)]) throws(SettingProblem) {
        guard let name = RepositoryFQRN(repository) else {
            throw SettingProblem(
                .repository,
                "'\(repository)' is no repository name",
                remedy: "names have at least two labels, such as unpacked.example.org"
            )
        }
        let words = options.flatMap { $0.split(separator: ",").map { String($0) } }
        try self.init(repository: name, words: words, configuration: "/etc/cvmfs")
        for (name, value) in flags { if let value { try apply(name, value) } }
        try requireEssentials()
    }

    /// The cache that all mounts of this node have if nothing else is said for one of them.
    static func nodeCache() throws(SettingProblem) -> String {
        guard let any = RepositoryFQRN("any.invalid") else { preconditionFailure("a valid name") }
        return try MountSettings(repository: any, words: [], configuration: "/etc/cvmfs").cacheDirectory
    }
}
