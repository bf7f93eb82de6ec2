// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

/// How a repository is mounted.
package struct MountOptions: Sendable {
    /// What an `open` costs, and who reads the file.
    ///
    /// The kernel lets a connection have one of the two only (see docs/decisions on open modes).
    package enum OpenMode: String, Sendable, CaseIterable {
        /// Passthrough where kernel and cache allow it, else none.
        case auto
        /// No request at all: best for many small files.
        case none
        /// A request for each open; the kernel then reads large files straight from the cache.
        case passthrough
    }

    package var openMode = OpenMode.auto
    /// Files from this size on are read by passthrough, in that mode.
    package var passthroughMinimum: Int64 = 128 << 10
    /// The off-switch of passthrough: the mode then only costs the request.
    package var allowsPassthrough = true
    package var allowsReadDirectoryPlus = true
    /// The off-switch of the notification that makes all names stale at once.
    package var allowsEpochs = true
    /// Whether set-uid programs take effect.
    package var allowsSetUserID = false
    /// What `$(NAME)` in link targets stands for.
    package var variables: [String: String] = [:]
    /// How long the kernel may use names and attributes; changes are announced to it.
    package var cacheDuration = Duration.seconds(3600)
    /// How long the kernel may believe that a name does not exist, outside of immutable trees.
    package var absenceDuration = Duration.milliseconds(900)
    /// From this number of nodes on the kernel is asked to forget those that nobody uses (protocol 7.45).
    package var nodeLimit = 400_000
    /// How often the manifest is asked for; `nil` for the repository's own time to live, or every second from a
    /// server on this machine.
    package var refreshInterval: Duration?
    /// Whether servers are listened to for new revisions, beside being asked.
    package var listens = true
    /// Stay at the revision that was mounted.
    package var isFixed = false

    /// The defaults.
    package init() {}
}
