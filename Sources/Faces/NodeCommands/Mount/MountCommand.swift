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

    @OptionGroup var flags: MountFlags

    @Flag(help: "Stay in the foreground, and log to the terminal.")
    var foreground = false

    @Option(help: .hidden)
    var readyDescriptor: Int32?

    @Argument(help: "The repository's name.")
    var repository: String

    @Argument(help: "An existing directory.")
    var mountpoint: String

    func run() throws {
        let request = try flags.request(for: repository)
        let settings = try request.settings()
        if let readyDescriptor {
            DetachedMount.serve(request, settings, mountpoint, ready: readyDescriptor)
        }
        let target = try MountPoint.resolve(mountpoint)
        for warning in settings.warnings { StandardError.print("wharf: \(warning)") }
        if foreground {
            try MountService(request, settings, at: target).run { _ in }
        } else {
            try DetachedMount.start()
        }
    }
}
