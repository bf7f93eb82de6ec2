// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import NodeCommands

@main
struct Main {
    static func main() { CommandLineProgram.run(CommandLine.arguments) }
}
