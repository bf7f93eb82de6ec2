// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

/// The agreement on the protocol's version and features that opens a connection.
///
/// - Source: Linux, fuse.h, `FUSE_INIT`.
package enum Negotiation {
    /// The oldest minor version that is served: Linux 4.18.
    package static let oldestMinor: UInt32 = 27
    /// The newest minor version whose messages this room knows.
    package static let newestMinor: UInt32 = 45

    /// The features that matter to a read-only file system.
    package struct Features: OptionSet, Sendable, Hashable {
        package let rawValue: UInt64

        package init(rawValue: UInt64) { self.rawValue = rawValue }

        /// Several reads of one file at a time.
        package static let asynchronousReads = Features(rawValue: 1 << 0)
        /// Lookups of `.` and `..`, for export over NFS.
        package static let export = Features(rawValue: 1 << 4)
        package static let readDirectoryPlus = Features(rawValue: 1 << 13)
        /// The kernel chooses between the two kinds of directory reading.
        package static let readDirectoryPlusAuto = Features(rawValue: 1 << 14)
        package static let noOpen = Features(rawValue: 1 << 17)
        /// Lookups and readings of one directory at a time.
        package static let parallelDirectories = Features(rawValue: 1 << 18)
        /// ACLs count, which the kernel reads as attributes.
        package static let accessLists = Features(rawValue: 1 << 20)
        package static let maximumPages = Features(rawValue: 1 << 22)
        package static let cachedLinks = Features(rawValue: 1 << 23)
        package static let noOpenDirectory = Features(rawValue: 1 << 24)
        /// The second word of flags counts.
        package static let extended = Features(rawValue: 1 << 30)
        package static let expireOnly = Features(rawValue: 1 << 35)
        package static let passthrough = Features(rawValue: 1 << 37)
        package static let resend = Features(rawValue: 1 << 39)
    }

    /// What the kernel says that it can do.
    package struct Offer: Sendable, Equatable {
        package let major: UInt32
        package let minor: UInt32
        package let readAhead: UInt32
        package let features: Features
    }

    /// What was agreed.
    package struct Agreement: Sendable, Equatable {
        package let minor: UInt32
        package let readAhead: UInt32
        package let features: Features
        /// How many pages a read may span.
        package let pages: UInt16

        /// Whether one notification makes all cached names stale (protocol 7.44).
        package var hasEpochs: Bool { minor >= 44 }

        /// Whether the kernel can be asked to forget nodes (protocol 7.45).
        package var canForgetOnRequest: Bool { minor >= 45 }
    }

    /// Answers an offer with the wanted features that the kernel has.
    ///
    /// - Parameters:
    ///   - offer: what the kernel says.
    ///   - wanted: the features that are used if there are any.
    ///   - readAhead: the most bytes to read ahead.
    ///   - minor: a limit for the protocol, below that of this room.
    /// - Returns: what holds for the connection.
    /// - Throws: `version` for a kernel older than 7.27 or of another major version.
    package static func agree(
        to offer: Offer,
        wanting wanted: Features,
        readAhead: UInt32,
        notAbove minor: UInt32 = newestMinor
    ) throws(WireProblem) -> Agreement {
        guard offer.major == 7, offer.minor >= oldestMinor else {
            let text =
                "the kernel speaks FUSE \(offer.major).\(offer.minor); 7.\(oldestMinor) or later is needed"
            throw WireProblem(code: .version, message: text)
        }
        var features = offer.features.intersection(wanted)
        if offer.features.contains(.extended) { features.insert(.extended) }
        return Agreement(
            minor: min(offer.minor, newestMinor, minor),
            readAhead: min(offer.readAhead, readAhead),
            features: features,
            pages: features.contains(.maximumPages) ? 256 : 32
        )
    }
}

extension Negotiation.Offer {
    /// Reads the body of INIT: major, minor, read-ahead, flags, and since 7.36 a second word of flags.
    init(_ reader: inout MessageReader) throws(WireProblem) {
        major = try reader.integer()
        minor = try reader.integer()
        // A kernel of another major version sends nothing more.
        guard major == 7 else {
            readAhead = 0
            features = []
            return
        }
        readAhead = try reader.integer()
        let low: UInt32 = try reader.integer()
        var flags = UInt64(low)
        if flags & Negotiation.Features.extended.rawValue != 0 {
            let high: UInt32 = try reader.integer()
            flags |= UInt64(high) << 32
        }
        features = Negotiation.Features(rawValue: flags)
    }
}
