// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CVMFSFormat
internal import CVMFSReader
internal import ClientConfiguration
internal import Digests
internal import MountClient

#if canImport(Glibc)
internal import Glibc
#endif

/// What the tree looks like, and how the kernel is served.
extension MountSettings {
    /// Brings in the parameters of the stock client that are about the file system.
    mutating func applyFileSystem(_ parameters: ParameterSet) throws(SettingProblem) {
        try applyPresentation(parameters)
        try applyRevision(parameters)
        applyAttributes(parameters)
        if let value = parameters["CVMFS_SUID"] { options.access.allowsSetUserID = Self.isTrue(value) }
        if let value = parameters["CVMFS_CHECK_PERMISSIONS"] {
            options.access.checksPermissions = Self.isTrue(value)
        }
        if let value = parameters["CVMFS_ENFORCE_ACLS"] {
            options.access.enforcesAccessLists = Self.isTrue(value)
        }
        if let seconds = try number("CVMFS_KCACHE_TIMEOUT", parameters) {
            options.cacheDuration = .seconds(max(0, seconds))
        }
        if let seconds = try number("CVMFS_STATFS_CACHE_TIMEOUT", parameters) {
            options.statusDuration = .seconds(max(0, seconds))
        }
        if let value = parameters["CVMFS_INSTRUMENT_FUSE"] { options.measuresLatencies = Self.isTrue(value) }
        if let value = parameters["CVMFS_NFS_SOURCE"] { isExported = Self.isTrue(value) }
        if let directory = parameters["CVMFS_NFS_SHARED"], !directory.isEmpty { exportDirectory = directory }
        if let value = parameters["CVMFS_CACHE_SYMLINKS"] { set(.linkCache, Self.isTrue(value)) }
        if let value = parameters["CVMFS_FUSE_NOTIFY_INVALIDATION"] {
            set(.notifications, Self.isTrue(value))
        }
    }

    /// Brings in one of our own options if it is about the file system; returns whether it was.
    mutating func applyFileSystemOption(_ name: String, _ value: String) throws(SettingProblem) -> Bool {
        if let feature = KernelFeatures.named(name) {
            set(feature, Self.isTrue(value))
            return true
        }
        switch name {
        case "open": options.openMode = try Self.choice(value, name)
        case "kernel":
            guard value == "minimal" || value == "full" else {
                throw SettingProblem(
                    .option,
                    "'\(value)' is no set of kernel features",
                    remedy: "use kernel=full or kernel=minimal"
                )
            }
            options.kernel = value == "minimal" ? .minimal : .all
        case "nodes":
            guard let limit = Int(value), (1000...100_000_000).contains(limit) else {
                throw SettingProblem(
                    .option,
                    "'\(value)' is no number of nodes",
                    remedy: "use a number from 1000 to 100000000"
                )
            }
            options.nodeLimit = limit
        case "suid": options.access.allowsSetUserID = Self.isTrue(value)
        case "exec": options.access.forbidsExecution = false
        case "noexec": options.access.forbidsExecution = true
        case "nosuid": options.access.allowsSetUserID = false
        case "uid": options.presentation.claimedUser = try Self.owner(value, name)
        case "gid": options.presentation.claimedGroup = try Self.owner(value, name)
        case "export": isExported = Self.isTrue(value)
        case "export-directory": (isExported, exportDirectory) = (true, value)
        case "inode32": options.inodes = Self.isTrue(value) ? .narrow : .wide
        case "xattrs": options.magic.listing = try Self.choice(value, name)
        case "root-hash": choice = try Self.rootHash(value)
        case "date": choice = try Self.date(value)
        default: return false
        }
        return true
    }

    private mutating func set(_ feature: KernelFeatures, _ isWanted: Bool) {
        if isWanted { options.kernel.insert(feature) } else { options.kernel.remove(feature) }
    }

    /// - Source: cvmfs-format H.16.
    private mutating func applyPresentation(_ parameters: ParameterSet) throws(SettingProblem) {
        if let value = parameters["CVMFS_CLAIM_OWNERSHIP"], Self.isTrue(value) {
            options.presentation.claimedUser = geteuid()
            options.presentation.claimedGroup = getegid()
        }
        if let value = parameters["CVMFS_WORLD_READABLE"] {
            options.presentation.isWorldReadable = Self.isTrue(value)
        }
        options.presentation.users = try Self.ownerMap("CVMFS_UID_MAP", parameters)
        options.presentation.groups = try Self.ownerMap("CVMFS_GID_MAP", parameters)
    }

    /// The revision to stay at: a root catalog before a tag before a date.
    ///
    /// - Source: cvmfs-format D.4.
    private mutating func applyRevision(_ parameters: ParameterSet) throws(SettingProblem) {
        if let hash = parameters["CVMFS_ROOT_HASH"], !hash.isEmpty {
            choice = try Self.rootHash(hash)
        } else if let tag = parameters["CVMFS_REPOSITORY_TAG"], !tag.isEmpty {
            choice = .tag(tag)
        } else if let date = parameters["CVMFS_REPOSITORY_DATE"], !date.isEmpty {
            choice = try Self.date(date)
        }
        if let value = parameters["CVMFS_AUTO_UPDATE"] { options.isFixed = !Self.isTrue(value) }
    }

    /// - Source: cvmfs-format H.12.
    private mutating func applyAttributes(_ parameters: ParameterSet) {
        if let value = parameters["CVMFS_MAGIC_XATTRS_VISIBILITY"] {
            // As the stock client: what it does not know is its default.
            options.magic.listing = MagicVisibility.Listing(rawValue: value) ?? .onRoot
        }
        if let value = parameters["CVMFS_HIDE_MAGIC_XATTRS"], Self.isTrue(value) {
            options.magic.listing = .never
        }
        if let names = parameters["CVMFS_XATTR_PROTECTED_XATTRS"] {
            options.magic.protected = Set(Self.elements(names).map { $0.contains(".") ? $0 : "user." + $0 })
        }
        if let groups = parameters["CVMFS_XATTR_PRIVILEGED_GIDS"] {
            options.magic.privilegedGroups = Set(Self.elements(groups).compactMap { UInt32($0) })
        }
    }

    private static func elements(_ list: String) -> [String] {
        list.split { $0 == "," || $0.isWhitespace }.map { String($0) }
    }

    private static func ownerMap(
        _ name: String,
        _ parameters: ParameterSet
    ) throws(SettingProblem) -> OwnerMap {
        guard let path = parameters[name], !path.isEmpty else { return OwnerMap() }
        guard let content = SmallFile.read(path) else {
            throw SettingProblem(.option, "the owner map \(path) cannot be read", remedy: "check \(name)")
        }
        do { return try OwnerMap(text: String(decoding: content, as: UTF8.self)) } catch {
            throw SettingProblem(
                .option,
                "the owner map \(path) makes no sense",
                remedy: error.remedy,
                cause: error
            )
        }
    }

    private static func rootHash(_ text: String) throws(SettingProblem) -> RevisionChoice {
        guard let hash = ContentHash(text) else {
            throw SettingProblem(.option, "'\(text)' is no hash of a root catalog")
        }
        return .root(hash)
    }

    /// Reads `YYYY-MM-DDThh:mm:ssZ`.
    private static func date(_ text: String) throws(SettingProblem) -> RevisionChoice {
        let form = "0000-00-00T00:00:00Z"
        let digits = text.filter(\.isNumber)
        guard text.count == form.count, let time = CalendarTime(stamp: digits), time.iso8601 == text else {
            throw SettingProblem(
                .option,
                "'\(text)' is no point in time",
                remedy: "write it as 2026-01-31T12:34:56Z"
            )
        }
        return .date(time.unixSeconds)
    }

    private static func owner(_ value: String, _ name: String) throws(SettingProblem) -> UInt32 {
        guard let number = UInt32(value) else {
            throw SettingProblem(.option, "\(name)=\(value) is no number")
        }
        return number
    }

    private static func choice<Choice: RawRepresentable & CaseIterable>(
        _ value: String,
        _ name: String
    ) throws(SettingProblem) -> Choice where Choice.RawValue == String {
        if let choice = Choice(rawValue: value) { return choice }
        let choices = Choice.allCases.map { "\(name)=\($0.rawValue)" }.joined(separator: ", ")
        throw SettingProblem(
            .option,
            "'\(value)' is nothing that \(name) can be",
            remedy: "use one of \(choices)"
        )
    }
}
