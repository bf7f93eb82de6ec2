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
    /// What is asked of the kernel: all off-switches.
    package var kernel = KernelFeatures.all
    package var access = AccessRules()
    package var presentation = Presentation()
    package var inodes = InodeNumbers.wide
    /// Where nodes are recorded for clients of a file server that exports the mount; `nil` if it is not exported.
    package var exportDirectory: String?
    /// Where the secret of node numbers is kept; `nil` if every mount has numbers of its own.
    package var numbersDirectory: String?
    package var magic = MagicVisibility()
    /// What others say for magic attributes of which a mount knows nothing itself, by the attribute's name.
    package var facts: [String: @Sendable () -> String] = [:]
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
    /// The manifest is asked for after this at the latest; `nil` for no bound on the repository's time to live.
    package var longestTimeToLive: Duration?
    /// How long the answer to STATFS is said again.
    package var statusDuration = Duration.zero
    /// Whether small files are fetched ahead when their neighbours had to be waited for.
    package var fetchesNeighbours = true
    /// Whether servers are listened to for new revisions, beside being asked.
    package var listens = true
    /// Whether it is measured how long requests take.
    package var measuresLatencies = false
    /// Stay at the revision that was mounted.
    package var isFixed = false

    /// The defaults.
    package init() {}

    /// Without notifications the kernel must find out for itself, and so may not remember for long.
    private static let unannouncedDuration = Duration.seconds(60)

    /// How long the kernel may use names and attributes with the switches as they are.
    var validity: Duration {
        kernel.contains(.notifications) || isFixed
            ? cacheDuration : min(cacheDuration, Self.unannouncedDuration)
    }

    /// Whether the kernel may keep the listings of directories, which only a notification ends.
    var keepsListings: Bool {
        kernel.contains(.directoryCache) && (kernel.contains(.notifications) || isFixed)
            && cacheDuration > .zero
    }
}

/// Who may do what in a mount; all of it is enforced by the kernel.
package struct AccessRules: Sendable {
    /// Whether set-uid programs take effect.
    package var allowsSetUserID = false
    /// Whether no program can be started from the mount.
    package var forbidsExecution = false
    /// Whether the kernel compares the caller with owner and mode; otherwise everybody may read everything.
    package var checksPermissions = true
    /// Whether POSIX ACLs count, beside owner and mode.
    package var enforcesAccessLists = false

    /// Modes count, set-uid programs and ACLs do not.
    package init() {}
}
