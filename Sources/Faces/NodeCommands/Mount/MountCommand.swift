// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import CVMFSFormat

/// `wharf mount`.
struct MountCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mount",
        abstract: "Mount a repository, or an image of a mounted repository.",
        discussion: """
            Returns when the tree is readable; the log is in the cache directory.

            Options for -o: open=auto|none|passthrough, suid, tag=NAME, date=TIME,
            root-hash=HASH (a revision to stay at), uid=NUMBER, gid=NUMBER (who owns
            everything), inode32, export (for a file server that exports the mount),
            xattrs=never|rootonly|always (where magic attributes are listed), nodes=NUMBER
            (files that the kernel remembers, 400000), cache-limit=SIZE|none,
            alien-cache=DIR, ram-cache=SIZE, streaming=on|off, workspace=DIR, refresh=TIME,
            notifications=auto|off (hear of new revisions, or only ask), proxy=LIST|DIRECT,
            ca-file=FILE, bandwidth=SIZE (a second), patience=TIME (after which no other
            attempt is made), neighbours=on|off (fetch small files ahead),
            log=auto|journal|syslog|FILE, metrics-file=FILE, NAME=on|off for a feature of
            the kernel: passthrough, noopen, readdirplus, dircache, linkcache, asyncreads,
            paralleldirs, largerequests, notify, epochs, forget, channels; kernel=minimal
            for none of them; every long option of this command, and any parameter of a
            CVMFS client as CVMFS_NAME=VALUE. Files in /etc/cvmfs are read if they exist.

            An image is named by its reference, or by the path of its tree; it is looked up
            once, in --repository or else in every mounted repository, and takes suid as
            its only option.

            Examples:
              wharf mount unpacked.example.org /cvmfs/unpacked.example.org \\
                  --server http://registry.example.org/cvmfs/@fqrn@ \\
                  --public-key unpacked.example.org.pub
              wharf mount registry.example.org/team/app:1.2 /mnt/app
            """
    )

    @OptionGroup var flags: MountFlags

    @Flag(help: "Stay in the foreground, and log to the terminal.")
    var foreground = false

    @Option(help: .hidden)
    var readyDescriptor: Int32?

    @Option(help: "Look for an image in this mounted repository only.")
    var repository: String?

    @Argument(help: "The repository's name, or an image: what has a slash is an image.")
    var source: String

    @Argument(help: "An existing directory.")
    var mountpoint: String

    func run() throws {
        if ImageMount.isImage(source) {
            return try ImageMount(image: source, repository: repository, words: flags.optionWords)
                .mount(on: mountpoint)
        }
        let request = try flags.request(for: source)
        let settings = try request.settings()
        if let readyDescriptor {
            DetachedMount.serve(request, settings, mountpoint, ready: readyDescriptor)
        }
        let target = try MountPoint.resolve(mountpoint)
        if foreground {
            try MountService(request, settings, at: target).run()
        } else {
            for warning in settings.warnings { StandardError.print("wharf: \(warning)") }
            try DetachedMount.start()
        }
    }
}
