// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

/// The files that configure a repository, in the order in which later ones win.
///
/// - Source: cvmfs-format H.1.
package struct ConfigurationFiles: Sendable {
    /// One place to look at.
    package enum Place: Sendable, Equatable {
        case file(String)
        /// All `*.conf` of a directory, by name.
        case directory(String)
        /// A file of the configuration repository, relative to its root.
        case configurationRepository(String)
    }

    /// Names the places for one repository.
    ///
    /// - Parameters:
    ///   - repository: its full name.
    ///   - domain: the name without its first label.
    ///   - directory: where the node's files are, usually `/etc/cvmfs`.
    /// - Returns: the places, in the order in which they are read.
    package static func places(of repository: String, domain: String, in directory: String) -> [Place] {
        general(in: directory) + [
            .configurationRepository("etc/cvmfs/domain.d/\(domain).conf"),
            .file("\(directory)/domain.d/\(domain).conf"),
            .file("\(directory)/domain.d/\(domain).local"),
            .configurationRepository("etc/cvmfs/config.d/\(repository).conf"),
            .file("\(directory)/config.d/\(repository).conf"),
            .file("\(directory)/config.d/\(repository).local"),
        ]
    }

    /// The places for all repositories, in the order in which they are read.
    package static func general(in directory: String) -> [Place] {
        [
            .file("\(directory)/default.conf"),
            .directory("\(directory)/default.d"),
            .configurationRepository("etc/cvmfs/default.conf"),
            .file("\(directory)/default.local"),
        ]
    }
}
