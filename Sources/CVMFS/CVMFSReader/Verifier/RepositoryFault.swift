// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

/// One thing that is wrong with a repository: which rule is broken, where, and how.
package struct RepositoryFault: Sendable, Hashable, CustomStringConvertible {
    /// The rules that a repository has to follow.
    ///
    /// The raw value is what is printed.
    ///
    /// - Source: cvmfs-format B, C.7 to C.19, D.1, I.3; cvmfs-observed, which wins where they differ.
    package enum Rule: String, CaseIterable, Sendable {
        // The signed files.
        case manifest = "manifest"
        case whitelist = "whitelist"
        case certificate = "certificate"
        case signature = "signature"
        case alternativeLink = "alternative-link"
        // The databases beside the catalogs.
        case reflog = "reflog"
        case history = "history"
        // A catalog as a whole.
        case catalog = "catalog"
        case catalogFormat = "catalog-format"
        case catalogSize = "catalog-size"
        case rootPrefix = "root-prefix"
        case catalogMarker = "catalog-marker"
        case danglingRows = "dangling-rows"
        case counters = "counters"
        case subtreeCounters = "subtree-counters"
        // How catalogs hang together.
        case nestedCatalog = "nested-catalog"
        case transition = "transition"
        case bindMountpoint = "bind-mountpoint"
        // Single entries.
        case pathKey = "path-key"
        case entryName = "entry-name"
        case entryType = "entry-type"
        case entrySize = "entry-size"
        case entryTime = "entry-time"
        case linkCount = "link-count"
        case hardLinkGroup = "hard-link-group"
        case contentHash = "content-hash"
        case chunks = "chunks"
        case externalFile = "external-file"
        case linkTarget = "link-target"
        case attributes = "attributes"
        // Objects.
        case missingObject = "missing-object"
        case corruptObject = "corrupt-object"
        case objectSize = "object-size"
        case unknownObject = "unknown-object"
        case objectPermissions = "object-permissions"
    }

    /// The rule that is broken.
    package let rule: Rule
    /// The path in the tree, or of the file in the repository.
    package let path: String
    /// What is wrong.
    package let detail: String

    /// Names a fault.
    package init(_ rule: Rule, _ path: String, _ detail: String) {
        self.rule = rule
        self.path = path
        self.detail = detail
    }

    /// One line: rule, path, what.
    package var description: String { "\(rule.rawValue): \(path): \(detail)" }
}

/// Collects the faults of one verification and hands each on as it is found.
///
/// Used by one thread.
final class FaultSink {
    /// How many were found.
    private(set) var count = 0
    private let report: (RepositoryFault) -> Void

    init(_ report: @escaping (RepositoryFault) -> Void) { self.report = report }

    /// Reports a fault.
    func add(_ fault: RepositoryFault) {
        count += 1
        report(fault)
    }

    /// Reports a fault of a file of the repository.
    func add(_ rule: RepositoryFault.Rule, _ path: String, _ detail: String) {
        add(RepositoryFault(rule, path, detail))
    }

    /// Reports a fault of an entry of the tree; the empty path is the root.
    func add(_ rule: RepositoryFault.Rule, _ path: [UInt8], _ detail: String) {
        add(RepositoryFault(rule, path.isEmpty ? "/" : String(decoding: path, as: UTF8.self), detail))
    }
}
