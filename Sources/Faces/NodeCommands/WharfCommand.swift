// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

package import ArgumentParser

/// The program `wharf`: all that a node needs, and the way to the server's commands.
package struct WharfCommand: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "wharf",
        abstract: "Run container images from a mounted tree, without pulling them.",
        discussion: """
            Example:
              wharf mount unpacked.example.org /cvmfs/unpacked.example.org \\
                  --server http://registry.example.org/cvmfs/@fqrn@ \\
                  --public-key unpacked.example.org.pub

            The server's commands (serve, repo, admin) are run by the program wharfd
            beside this one: see 'wharf serve --help', 'wharf repo --help' and 'wharf
            admin --help'.
            """,
        subcommands: [
            MountCommand.self, UnmountCommand.self, RunCommand.self, ImageCommand.self,
            ClientCommand.self, DoctorCommand.self,
            VersionCommand.self,
        ]
    )

    /// Made by the parser.
    package init() {}
}
