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

            Options for -o: open=none|passthrough, suid, tag=NAME, date=TIME, root-hash=HASH (a revision to stay at),
            uid=NUMBER, gid=NUMBER (who owns everything), inode32, export (for a file server that exports the mount),
            xattrs=never|rootonly|always (where magic attributes are listed),
            nodes=NUMBER (files that the kernel remembers, 400000), cache-limit=SIZE, refresh=TIME,
            notifications=auto|off (hear of new revisions, or only ask), proxy=URL|DIRECT,
            NAME=on|off for a feature of the kernel: passthrough, noopen, readdirplus, dircache, linkcache, asyncreads,
            paralleldirs, largerequests, notify, epochs, forget, channels; kernel=minimal for none of them;
            every long option of this command, and any parameter of a CVMFS client as CVMFS_NAME=VALUE. Files in
            /etc/cvmfs are read if they exist.

            An image is named by its reference, or by the path of its tree; it is looked up once, in --repository or else
            in every mounted repository, and takes suid as its only option.

            Examples:
              wharf mount unpacked.example.org /cvmfs/unpacked.example.org \\
                  --server http://registry.example.org/cvmfs/@fqrn@ --public-key unpacked.example.org.pub
              wharf mount registry.example.org/team/app:1.2 /mnt/app
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

    @Option(help: "Look for an image in this mounted repository only.")
    var repository: String?

    @Argument(help: "The repository's name, or an image: what has a slash is an image.")
    var source: String

    @Argument(help: "An existing directory.")
    var mountpoint: String

    func run() throws {
        if ImageMount.isImage(source) {
            return try ImageMount(image: source, repository: repository, words: words).mount(on: mountpoint)
        }
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

    private var words: [String] { options.flatMap { $0.split(separator: ",").map { String($0) } } }

    private func settings() throws(SettingProblem) -> MountSettings {
        guard let name = RepositoryFQRN(source) else {
            throw SettingProblem(
                .repository,
                "'\(source)' is no repository name",
                remedy: "names have at least two labels, such as unpacked.example.org"
            )
        }
        var settings = try MountSettings(repository: name, words: words, configuration: "/etc/cvmfs")
        if let server { try settings.apply("server", server) }
        if let publicKey { try settings.apply("public-key", publicKey) }
        if let cache { try settings.apply("cache", cache) }
        if let tokenFile { try settings.apply("token-file", tokenFile) }
        try settings.requireEssentials()
        return settings
    }
}
