// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import MountClient

/// `wharf umount`.
struct UnmountCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "umount",
        abstract: "Unmount a repository.",
        discussion: "Example:\n  wharf umount /cvmfs/unpacked.example.org"
    )

    @Flag(help: "Detach it at once, even if it is in use.")
    var lazy = false

    @Argument(help: "Where it is mounted.")
    var mountpoint: String

    func run() throws {
        try Unmount.unmount(mountpoint, isLazy: lazy)
    }
}
