// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import MountClient

#if canImport(Glibc)
internal import Glibc
#endif

/// `wharf umount`.
struct UnmountCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "umount",
        abstract: "Unmount a repository or an image.",
        discussion: "Example:\n  wharf umount /cvmfs/unpacked.example.org"
    )

    @Flag(help: "Detach it at once, even if it is in use.")
    var lazy = false

    @Argument(help: "Where it is mounted.")
    var mountpoint: String

    func run() throws {
        let path = realpath(mountpoint, nil).map { absolute in
            defer { free(absolute) }
            return String(cString: absolute)
        }
        // The path of a mount whose client has ended cannot be followed; as it was typed it is in the table, or nowhere.
        if let type = MountTable.type(at: path ?? mountpoint), type != MountTable.ownType {
            throw SettingProblem(
                .mountpoint,
                "what is mounted on \(mountpoint) is not of Wharf, but of the type \(type)",
                remedy: "unmount it with umount \(mountpoint), if that is what you want"
            )
        }
        // What is unmounted at once may be in use for long.
        let process =
            lazy ? nil : path.flatMap { MountTable.isOnlyView($0) ? MountAttribute.process(at: $0) : nil }
        try Unmount.unmount(mountpoint, isLazy: lazy)
        if let process { Unmount.waitForEnd(of: process) }
    }
}
