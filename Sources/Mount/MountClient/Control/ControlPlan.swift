// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

/// How a mount is asked while it runs.
package struct ControlPlan: Sendable {
    /// Where the socket may be, in the order of preference: another mount of the repository may have the first place.
    package var sockets: [String]
    /// The user who may ask beside the one who mounts.
    package var owner: UInt32?
    /// The program's version.
    package var version: String
    /// A file that is kept up to date with the numbers of the mount, in the text form of Prometheus.
    package var metricsFile: String?
    /// What can change.
    package var configuration: any RunningConfiguration

    /// Describes it.
    package init(
        sockets: [String],
        owner: UInt32? = nil,
        version: String,
        metricsFile: String? = nil,
        configuration: any RunningConfiguration
    ) {
        self.sockets = sockets
        self.owner = owner
        self.version = version
        self.metricsFile = metricsFile
        self.configuration = configuration
    }
}
