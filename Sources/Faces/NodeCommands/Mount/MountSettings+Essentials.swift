// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CVMFSFormat
internal import ClientConfiguration

extension MountSettings {
    /// What this node does not trust: its own list, and that of the configuration repository; read anew each time.
    var blacklist: Blacklist {
        var blacklist = Blacklist()
        var files = [parameters["CVMFS_BLACKLIST"] ?? NodeConfiguration.directory + "/blacklist"]
        if let name = parameters["CVMFS_CONFIG_REPOSITORY"], !name.isEmpty {
            files.append(parameters.mountDirectory + "/\(name)/etc/cvmfs/blacklist")
        }
        for file in files {
            if let content = SmallFile.read(file) {
                blacklist.add(text: String(decoding: content, as: UTF8.self))
            }
        }
        return blacklist
    }

    /// Refuses settings without a server or a key, and says where to get them.
    ///
    /// A key is never fetched by itself: whoever can answer for the server could then also answer for the key.
    func requireEssentials() throws(SettingProblem) {
        guard !servers.isEmpty else {
            throw SettingProblem(
                .noServer,
                "no server of \(repository) is known",
                remedy: "name one with --server URL, or as CVMFS_SERVER_URL in /etc/cvmfs"
            )
        }
        guard publicKeys.isEmpty else { return }
        throw SettingProblem(
            .noKey,
            "no public key of \(repository) is installed",
            remedy: """
                get it from the repository's operator, or from the server:
                  curl -o \(repository).pub SERVER/keys/\(repository).pub
                and compare its fingerprint with the one that 'wharf repo info \(repository)' prints on the server:
                  openssl pkey -pubin -in \(repository).pub -outform DER | sha256sum
                then mount with --public-key \(repository).pub
                """
        )
    }
}
