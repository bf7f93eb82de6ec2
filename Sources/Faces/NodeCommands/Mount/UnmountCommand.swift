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
        // What is unmounted at once may be in use for long.
        let path =
            lazy
            ? nil
            : realpath(mountpoint, nil).map { absolute in
                defer { free(absolute) }
                return String(cString: absolute)
            }
        let process = path.flatMap { MountTable.isOnlyView($0) ? MountAttribute.process(at: $0) : nil }
        try Unmount.unmount(mountpoint, isLazy: lazy)
        if let process { Unmount.waitForEnd(of: process) }
    }
}
