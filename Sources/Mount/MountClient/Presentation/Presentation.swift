// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import FUSEWire

/// How owners and modes are shown.
///
/// - Source: cvmfs-format H.2, H.16.
package struct Presentation: Sendable, Equatable {
    package var users = OwnerMap()
    package var groups = OwnerMap()
    /// The user who owns everything, whatever the map says; `nil` for the recorded ones.
    package var claimedUser: UInt32?
    /// The group that owns everything, whatever the map says; `nil` for the recorded ones.
    package var claimedGroup: UInt32?
    /// Whether everybody may read all files and enter all directories.
    package var isWorldReadable = false

    /// Shows what is recorded.
    package init() {}

    /// What is shown in place of recorded attributes.
    func shown(_ recorded: NodeAttributes) -> NodeAttributes {
        var shown = recorded
        shown.user = claimedUser ?? users[recorded.user]
        shown.group = claimedGroup ?? groups[recorded.group]
        if isWorldReadable { shown.mode |= recorded.mode & 0o170000 == 0o040000 ? 0o555 : 0o444 }
        return shown
    }
}
