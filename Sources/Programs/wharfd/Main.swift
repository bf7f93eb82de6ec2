// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CAllocator
internal import Glibc
internal import ServerCommands

@main
struct Main {
    static func main() async {
        // Before there are threads: they keep the heaps that they have.
        wharf_bound_heaps()
        exit(await WharfdCommand.run(Array(CommandLine.arguments.dropFirst())))
    }
}
