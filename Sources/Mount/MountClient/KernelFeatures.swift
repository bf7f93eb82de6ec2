// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

/// What is asked of the kernel beyond the oldest protocol, each with a name by which it can be switched off.
///
/// A feature that is wanted is used if the kernel offers it; without any of them everything works, only slower.
package struct KernelFeatures: OptionSet, Sendable, Hashable {
    package let rawValue: UInt32

    package init(rawValue: UInt32) { self.rawValue = rawValue }

    /// Large files are read by the kernel straight from the cache (Linux 6.9).
    package static let passthrough = KernelFeatures(rawValue: 1 << 0)
    /// Files are opened without a request (Linux 3.16).
    package static let noOpen = KernelFeatures(rawValue: 1 << 1)
    /// Listings carry the attributes of what they list (Linux 3.9).
    package static let readDirectoryPlus = KernelFeatures(rawValue: 1 << 2)
    /// Directories are opened without a request, and their listings are kept (Linux 5.1).
    package static let directoryCache = KernelFeatures(rawValue: 1 << 3)
    /// Targets of links are kept (Linux 4.20).
    package static let linkCache = KernelFeatures(rawValue: 1 << 4)
    /// Several reads of one file at a time, read ahead (all kernels).
    package static let parallelReads = KernelFeatures(rawValue: 1 << 5)
    /// Several look-ups in one directory at a time (Linux 4.7).
    package static let parallelDirectories = KernelFeatures(rawValue: 1 << 6)
    /// Requests of a mebibyte (Linux 4.20).
    package static let largeRequests = KernelFeatures(rawValue: 1 << 7)
    /// The kernel is told what a new revision changed (Linux 2.6.38).
    package static let notifications = KernelFeatures(rawValue: 1 << 8)
    /// One notification makes all names stale (Linux 6.16).
    package static let epochs = KernelFeatures(rawValue: 1 << 9)
    /// The kernel is asked to forget nodes (Linux 6.17).
    package static let forgetting = KernelFeatures(rawValue: 1 << 10)
    /// Each thread has a channel of its own to the kernel (Linux 4.2).
    package static let channels = KernelFeatures(rawValue: 1 << 11)

    /// All of them.
    package static let all = KernelFeatures(rawValue: 1 << 12 - 1)
    /// None: as on a kernel that knows the protocol 7.27 and nothing that is optional in it.
    package static let minimal: KernelFeatures = []

    /// The names of the switches.
    package static let names: KeyValuePairs<String, KernelFeatures> = [
        "passthrough": .passthrough, "noopen": .noOpen, "readdirplus": .readDirectoryPlus,
        "dircache": .directoryCache, "linkcache": .linkCache, "asyncreads": .parallelReads,
        "paralleldirs": .parallelDirectories, "largerequests": .largeRequests, "notify": .notifications,
        "epochs": .epochs, "forget": .forgetting, "channels": .channels,
    ]

    /// The feature of a switch.
    package static func named(_ name: String) -> KernelFeatures? {
        names.first { $0.key == name }?.value
    }

    /// The newest protocol that is spoken with these features: without the later ones, that of Linux 4.18.
    var newestMinor: UInt32 { self == .minimal ? 27 : .max }
}
