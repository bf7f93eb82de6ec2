// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import CVMFSFormat

/// `wharf mount`.
struct MountCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mount",
        abstract: "Mount a repository.",
        discussion: """
            Returns when the tree is readable; the log is in the cache directory.

            Options for -o: open=auto|none|passthrough, passthrough=on|off, readdirplus=on|off, epochs=on|off, suid,
            nodes=NUMBER (files that the kernel remembers, 400000), cache-limit=SIZE|none, alien-cache=DIR,
            ram-cache=SIZE, streaming=on|off, workspace=DIR, refresh=TIME,
            notifications=auto|off (hear of new revisions, or only ask), proxy=URL|DIRECT, tag=NAME, every long option of this command, and any
            parameter of a CVMFS client as CVMFS_NAME=VALUE. Files in /etc/cvmfs are read if they exist.

            Example:
              wharf mount unpacked.example.org /cvmfs/unpacked.example.org \\
                  --server http://registry.example.org/cvmfs/@fqrn@ --public-key unpacked.example.org.pub
            """
    )

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

    @Flag(help: "Stay in the foreground, and log to the terminal.")
    var foreground = false

    @Option(help: .hidden)
    var readyDescriptor: Int32?

    @Argument(help: "The repository's name.")
    var repository: String

    @Argument(help: "An existing directory.")
    var mountpoint: String

    func run() throws {
        let settings = try settings()
        if foreground {
            try MountService(settings, at: try MountPoint.resolve(mountpoint)).run { _ in }
        } else if let readyDescriptor {
            DetachedMount.serve(settings, mountpoint, ready: readyDescriptor)
        } else {
            _ = try MountPoint.resolve(mountpoint)
            try DetachedMount.start()
        }
    }

    private func settings() throws(SettingProblem) -> MountSettings {
        try MountSettings(
            repository: repository,
            options: options,
            flags: [
                ("server", server), ("public-key", publicKey), ("cache", cache), ("token-file", tokenFile),
            ]
        )
    }
}
