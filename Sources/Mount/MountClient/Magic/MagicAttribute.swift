// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CVMFSFormat

/// The extended attributes that tell of the mount, the repository and the catalog, and are recorded nowhere.
///
/// - Source: cvmfs-format H.12.
enum MagicAttribute: String, CaseIterable {
    case repository = "user.fqrn"
    case revision = "user.revision"
    case rootHash = "user.root_hash"
    case tag = "user.tag"
    case expires = "user.expires"
    case publicKeys = "user.pubkeys"
    case repositoryCounters = "user.repo_counters"
    case catalogCounters = "user.catalog_counters"
    case metainfo = "user.repo_metainfo"
    case authorization = "user.authz"

    case version = "user.version"
    case process = "user.pid"
    case uptime = "user.uptime"
    case log = "user.logbuffer"
    case usedDescriptors = "user.usedfd"
    case openDirectories = "user.useddirp"
    case maximalDescriptors = "user.maxfd"
    case maximalInode = "user.inode_max"
    case loadedCatalogs = "user.nclg"
    /// Our own: the path of the control socket (see `MountAttribute`).
    case controlSocket = "user.wharf.socket"
    /// Our own: the features of the kernel that are in use, by the names of their switches.
    case kernelFeatures = "user.wharf.kernel"

    case host = "user.host"
    case hostList = "user.host_list"
    case proxy = "user.proxy"
    case proxyList = "user.proxy_list"
    case externalProxyList = "user.proxy_list_external"
    case externalHost = "user.external_host"
    case externalTimeout = "user.external_timeout"
    case timeout = "user.timeout"
    case directTimeout = "user.timeout_direct"

    case opens = "user.nopen"
    case listings = "user.ndiropen"
    case downloads = "user.ndownload"
    case failures = "user.nioerr"
    case lastFailure = "user.timestamp_last_ioerr"
    case hitRate = "user.hitrate"
    case received = "user.rx"
    case speed = "user.speed"
    case cleanups = "user.ncleanup24"

    case hash = "user.hash"
    case localHash = "user.lhash"
    case chunks = "user.chunks"
    case chunkList = "user.chunk_list"
    case compression = "user.compression"
    case directIO = "user.direct_io"
    case external = "user.external_file"
    case externalURL = "user.external_url"
    case rawLink = "user.rawlink"
    case rawLinkOfXFS = "xfsroot.rawlink"

    /// Whether the attribute means something for an entry.
    func applies(to entry: CatalogEntry) -> Bool {
        switch self {
        case .hash: entry.hash != nil
        case .localHash: entry.isRegular && entry.hash != nil
        case .chunks, .chunkList, .compression, .directIO, .external: entry.isRegular
        case .externalURL: entry.isRegular && entry.flags.contains(.external)
        case .rawLink, .rawLinkOfXFS: entry.flags.contains(.symbolicLink)
        default: true
        }
    }
}

/// Where magic attributes are listed, and to whom they are told.
package struct MagicVisibility: Sendable {
    /// Where they are listed; by name they can be read in any case.
    package enum Listing: String, Sendable, CaseIterable {
        case onRoot = "rootonly"
        case always
        case never
    }

    package var listing = Listing.never
    /// The names of those that only privileged groups may read.
    package var protected: Set<String> = []
    /// The groups that may, beside root.
    package var privilegedGroups: Set<UInt32> = []

    /// Listed nowhere, readable by everybody.
    package init() {}

    /// Whether a caller may read an attribute.
    func allows(_ attribute: MagicAttribute, user: UInt32, group: UInt32) -> Bool {
        !protected.contains(attribute.rawValue) || user == 0 || privilegedGroups.contains(group)
    }
}
