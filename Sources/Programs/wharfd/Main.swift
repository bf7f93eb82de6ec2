// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import ServerCommands

@main
struct Main {
    static func main() async {
        exit(await WharfdCommand.run(Array(CommandLine.arguments.dropFirst())))
    }
}
