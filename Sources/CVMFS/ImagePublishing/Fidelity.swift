// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CVMFSPublisher
package import FileTree
package import Foundation
package import MetadataStore

/// What of an image the catalog format cannot say, kept exactly: the side record `fidelity.json`.
///
/// Paths and link targets are text with every byte that is no printable UTF-8 written `%XX`; values are base64.
package struct Fidelity: Codable, Hashable, Sendable {
    /// An extended attribute that the tree does not show.
    package struct Attribute: Codable, Hashable, Sendable {
        package var path: String
        package var name: String
        package var value: Data
        package var reason: String
    }

    /// Names of one inode that the tree shows as entries of their own.
    package struct LinkGroup: Codable, Hashable, Sendable {
        package var paths: [String]
        package var isSymbolicLink: Bool
    }

    /// A link whose target other clients may expand.
    package struct VariableLink: Codable, Hashable, Sendable {
        package var path: String
        package var target: String
    }

    package var version = 1
    package var attributes: [Attribute] = []
    package var hardLinks: [LinkGroup] = []
    package var variableLinks: [VariableLink] = []

    /// Looks through a tree.
    package init(of tree: ImageTree) {
        var names: [Int: [ImageTree.NodeID]] = [:]
        var pending = [tree.root]
        while let node = pending.popLast() {
            let inode = tree.inode(of: node)
            if inode.kind == .directory { pending += tree.children(of: node) }
            if !inode.metadata.attributes.isEmpty { note(inode.metadata.attributes, at: node, of: tree) }
            if inode.kind == .symbolicLink, inode.linkTarget.containsVariable {
                variableLinks.append(
                    VariableLink(path: "\(tree.path(of: node))", target: TreePath.printable(inode.linkTarget))
                )
            }
            if inode.kind != .directory { names[tree.inodeNumber(of: node), default: []].append(node) }
        }
        for (_, nodes) in names where nodes.count > 1 { note(nodes, of: tree) }
        attributes.sort { ($0.path, $0.name) < ($1.path, $1.name) }
        hardLinks.sort { $0.paths.lexicographicallyPrecedes($1.paths) }
        variableLinks.sort { $0.path < $1.path }
    }

    private mutating func note(_ raw: [RawAttribute], at node: ImageTree.NodeID, of tree: ImageTree) {
        for (attribute, reason) in PublishableAttributes(raw).omitted {
            attributes.append(
                Attribute(
                    path: "\(tree.path(of: node))",
                    name: TreePath.printable(attribute.name),
                    value: Data(attribute.value),
                    reason: reason.rawValue
                )
            )
        }
    }

    /// Names in one directory are a group that the format can say, unless they are of a symbolic link.
    private mutating func note(_ nodes: [ImageTree.NodeID], of tree: ImageTree) {
        let isSymbolicLink = nodes.contains { tree.inode(of: $0).kind == .symbolicLink }
        let directories = Set(nodes.map { tree.parent(of: $0) })
        guard isSymbolicLink || directories.count > 1 else { return }
        hardLinks.append(
            LinkGroup(paths: nodes.map { "\(tree.path(of: $0))" }.sorted(), isSymbolicLink: isSymbolicLink)
        )
    }

    /// The warnings for the image's status: one for each entry that differs.
    package var warnings: [PublicationWarning] {
        let links = hardLinks.flatMap { group in
            group.paths.map {
                PublicationWarning(
                    kind: group.isSymbolicLink ? "hardlink-to-symlink" : "hardlink-split",
                    path: $0
                )
            }
        }
        return links + attributes.map { PublicationWarning(kind: $0.reason, path: $0.path) }
            + variableLinks.map { PublicationWarning(kind: "link-variable", path: $0.path) }
    }

    /// The record as a file: the same image gives the same bytes.
    package var json: [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        // Encoding strings, data and booleans cannot fail.
        return ((try? encoder.encode(self)).map { [UInt8]($0) } ?? []) + [UInt8(ascii: "\n")]
    }
}

extension [UInt8] {
    /// Whether stock clients would expand something in this link target.
    fileprivate var containsVariable: Bool {
        zip(self, dropFirst()).contains { $0 == UInt8(ascii: "$") && $1 == UInt8(ascii: "(") }
    }
}
