// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import CVMFSFormat
internal import ClientConfiguration

#if canImport(Glibc)
internal import Glibc
#endif

/// `wharf client probe`.
struct ClientProbeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "probe",
        abstract: "Look whether repositories can be read on this node.",
        discussion: """
            Without names those of CVMFS_REPOSITORIES are looked at, else what is
            mounted. Looking mounts what autofs tends.

            Example:
              wharf client probe atlas.cern.ch
            """
    )

    @Argument(help: "Names or mount points.")
    var repositories: [String] = []

    func run() throws {
        let paths = try paths()
        guard !paths.isEmpty else {
            throw SettingProblem(
                .notMounted,
                "there is nothing to probe",
                remedy: "name a repository, or set CVMFS_REPOSITORIES in /etc/cvmfs/default.local"
            )
        }
        var failures = 0
        for path in paths {
            if let reason = Self.trouble(at: path) {
                failures += 1
                print("Probing \(path)... Failed! (\(reason))")
            } else {
                print("Probing \(path)... OK")
            }
        }
        if failures > 0 { throw ExitCode.failure }
    }

    private func paths() throws -> [String] {
        if repositories.isEmpty {
            let names = try NodeConfiguration(of: nil).parameters.repositories
            if !names.isEmpty { return try names.map(Self.path) }
            return MountTable.fuseMounts().map(\.target)
        }
        return try repositories.map { name in
            if name.hasPrefix("/") { return name }
            let mount = MountTable.fuseMounts().first { $0.repository == name }
            if let mount { return mount.target }
            return try Self.path(of: name)
        }
    }

    private static func path(of name: String) throws -> String {
        guard let repository = NodeConfiguration.repository(name) else {
            throw SettingProblem(.repository, "'\(name)' is no repository name")
        }
        return try NodeConfiguration(of: repository).parameters.mountDirectory + "/" + repository.name
    }

    /// What keeps a directory from being read; `nil` if nothing does.
    private static func trouble(at path: String) -> String? {
        guard let stream = opendir(path) else { return String(cString: strerror(errno)) }
        defer { closedir(stream) }
        errno = 0
        // An empty directory ends at once, without an error.
        if readdir(stream) == nil, errno != 0 { return String(cString: strerror(errno)) }
        let type = MountTable.type(at: path)
        guard let type, type == "fuse.wharf" || type == "fuse" else {
            return "no repository is mounted there"
        }
        return nil
    }
}
