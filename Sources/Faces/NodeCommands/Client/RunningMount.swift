// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CVMFSFormat
internal import MountClient
internal import Problems

#if canImport(Glibc)
internal import Glibc
#endif

/// A mount of this node that can be asked.
struct RunningMount {
    let repository: String
    let mountpoint: String

    /// All mounts of repositories, or those of the names and mount points given, in the order of mounting.
    ///
    /// - Throws: `notMounted` for a name that nothing is mounted for.
    static func all(_ wanted: [String]) throws(SettingProblem) -> [RunningMount] {
        let mounts = MountTable.fuseMounts().map {
            RunningMount(repository: $0.repository, mountpoint: $0.target)
        }
        guard !wanted.isEmpty else { return mounts }
        var found: [RunningMount] = []
        for name in wanted {
            let full = NodeConfiguration.repository(name)?.name ?? name
            let path = name.hasSuffix("/") && name != "/" ? String(name.dropLast()) : name
            let matching = mounts.filter { $0.repository == full || $0.mountpoint == path }
            guard !matching.isEmpty else {
                throw SettingProblem(
                    .notMounted,
                    "\(name) is not mounted",
                    remedy: mounts.isEmpty
                        ? "nothing is; see wharf mount --help"
                        : "mounted are: " + mounts.map(\.repository).joined(separator: ", ")
                )
            }
            found += matching
        }
        return found
    }

    /// The one mount of a name or mount point.
    static func one(_ name: String) throws(SettingProblem) -> RunningMount {
        let mounts = try all([name])
        guard mounts.count == 1 else {
            throw SettingProblem(
                .notMounted,
                "\(name) is mounted \(mounts.count) times",
                remedy: "name the mount point: " + mounts.map(\.mountpoint).joined(separator: ", ")
            )
        }
        return mounts[0]
    }

    /// Asks all mounts of some names the same.
    ///
    /// A mount that does not answer does not keep the others from it: it is named on the standard error stream, and in the
    /// end the command fails.
    static func answers(of wanted: [String], to command: String) throws -> Answers {
        var answers = Answers()
        for mount in try all(wanted) {
            do {
                answers.given.append((mount, try mount.ask(command)))
            } catch {
                StandardError.print("wharf: \(error)")
                answers.areComplete = false
            }
        }
        return answers
    }

    /// What several mounts answered.
    struct Answers {
        var given: [(mount: RunningMount, text: String)] = []
        var areComplete = true
    }

    /// Sends a command to the mount's control socket.
    func ask(_ command: String, patience: Int = 60) throws -> String {
        guard let path = try socketPath() else {
            throw SettingProblem(
                .notMounted,
                "the client of \(mountpoint) has no control socket",
                remedy: "see its log in the cache directory"
            )
        }
        return try ControlClient.ask(command, at: path, patience: patience)
    }

    private func socketPath() throws -> String? {
        do {
            return try MountAttribute.read(MountAttribute.socket, at: mountpoint)
        } catch {
            throw SettingProblem(
                .mountpoint,
                "\(mountpoint) cannot be looked at",
                remedy: error.errorNumber == ENOTCONN
                    ? "its client has ended: wharf umount --lazy \(mountpoint)" : nil,
                cause: error
            )
        }
    }
}
