// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

/// One entry of a layer, without its content.
package struct LayerEntry: Hashable, Sendable {
    package var path: TreePath
    package var kind: EntryKind
    package var metadata: EntryMetadata
    /// The target of a symbolic link, verbatim.
    package var linkTarget: [UInt8]
    package var deviceMajor: UInt32
    package var deviceMinor: UInt32
    /// The content of a regular file.
    package var content: StoredContent?

    package init(
        path: TreePath,
        kind: EntryKind,
        metadata: EntryMetadata,
        linkTarget: [UInt8] = [],
        deviceMajor: UInt32 = 0,
        deviceMinor: UInt32 = 0,
        content: StoredContent? = nil
    ) {
        self.path = path
        self.kind = kind
        self.metadata = metadata
        self.linkTarget = linkTarget
        self.deviceMajor = deviceMajor
        self.deviceMinor = deviceMinor
        self.content = content
    }
}

/// What one member of a layer does to the tree below it.
///
/// - Source: OCI image specification 1.1, "Image Layer Filesystem Changeset".
package enum TreeChange: Hashable, Sendable {
    /// Removes an entry of the lower layers.
    case whiteout(TreePath)
    /// Removes everything that the lower layers have in a directory.
    case opaque(TreePath)
    /// Adds an entry, or replaces one.
    case entry(LayerEntry)
    /// Gives the entry at `target` another name.
    case hardLink(path: TreePath, target: TreePath)

    /// Whether the change acts on lower layers only, wherever it stands in its own.
    package var removesFromLowerLayers: Bool {
        switch self {
        case .whiteout, .opaque: true
        case .entry, .hardLink: false
        }
    }
}
