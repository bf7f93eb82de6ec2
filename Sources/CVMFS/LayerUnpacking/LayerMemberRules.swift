// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

package import FileTree
package import TarArchive

/// Turns the members of one layer into tree changes and holds them to the limits.
///
/// - Source: OCI image specification 1.1, "Image Layer Filesystem Changeset", section "Whiteouts".
package struct LayerMemberRules: Sendable {
    /// Whether names such as `.wh.x` mean something.
    package enum Whiteouts: Sendable {
        /// In a layer of an image.
        case interpreted
        /// In an archive that stands for itself.
        case ordinary
    }

    private let limits: LayerLimits
    private let whiteouts: Whiteouts
    private var entries = 0
    private var expandedSize: Int64 = 0

    package init(limits: LayerLimits, whiteouts: Whiteouts = .interpreted) {
        self.limits = limits
        self.whiteouts = whiteouts
    }

    private static let whiteoutPrefix = Array(".wh.".utf8)
    private static let opaqueMarker = Array(".wh..wh..opq".utf8)

    /// The change that a member makes.
    ///
    /// A regular file comes without its content, which the caller reads.
    package mutating func change(of member: TarMember) throws(LayerProblem) -> TreeChange {
        let path = TreePath(member.name)
        try count(member, path)
        try check(path)
        let name = path.name
        if whiteouts == .interpreted {
            if name == Self.opaqueMarker { return .opaque(path.parent) }
            if name.starts(with: Self.whiteoutPrefix) { return whiteout(of: name, in: path.parent) }
        }
        if member.type == .hardLink {
            let target = TreePath(member.linkTarget)
            try check(target)
            return .hardLink(path: path, target: target)
        }
        return .entry(try entry(member, path))
    }

    /// A whiteout names one entry of its own directory: the names `.` and `..` after the prefix name nothing.
    private func whiteout(of name: [UInt8], in directory: TreePath) -> TreeChange {
        let hidden = Array(name.dropFirst(Self.whiteoutPrefix.count))
        let isOne = !hidden.isEmpty && hidden != Array(".".utf8) && hidden != Array("..".utf8)
        // Nothing can have the marker's own name, so removing it does nothing.
        return .whiteout(directory.appending(isOne ? hidden : Self.opaqueMarker))
    }

    private func entry(_ member: TarMember, _ path: TreePath) throws(LayerProblem) -> LayerEntry {
        let attributes = member.extendedAttributes.map { RawAttribute(name: $0.name, value: $0.value) }
        let size = attributes.reduce(0) { $0 + $1.name.count + $1.value.count }
        guard size <= limits.attributesSize else {
            throw LayerProblem(
                .attributesTooLarge,
                path: path,
                "the extended attributes have \(size) bytes, more than \(limits.attributesSize)"
            )
        }
        if member.type == .symbolicLink, member.linkTarget.count > LayerLimits.linkTargetLength {
            throw LayerProblem(
                .linkTargetTooLong,
                path: path,
                "the link's target has \(member.linkTarget.count) bytes, more than \(LayerLimits.linkTargetLength)"
            )
        }
        return LayerEntry(
            path: path,
            kind: Self.kind(of: member.type),
            metadata: EntryMetadata(
                permissions: UInt16(truncatingIfNeeded: member.permissions),
                uid: member.uid,
                gid: member.gid,
                mtime: ModificationTime(seconds: member.mtime, nanoseconds: member.mtimeNanoseconds),
                attributes: attributes
            ),
            linkTarget: member.type == .symbolicLink ? member.linkTarget : [],
            deviceMajor: member.deviceMajor,
            deviceMinor: member.deviceMinor
        )
    }

    private static func kind(of type: TarMemberType) -> EntryKind {
        switch type {
        case .regular, .hardLink: .regular
        case .symbolicLink: .symbolicLink
        case .characterDevice: .characterDevice
        case .blockDevice: .blockDevice
        case .directory: .directory
        case .fifo: .fifo
        }
    }

    // MARK: Limits

    private mutating func count(_ member: TarMember, _ path: TreePath) throws(LayerProblem) {
        entries += 1
        guard entries <= limits.entries else {
            throw LayerProblem(.tooManyEntries, "the layer has more than \(limits.entries) entries")
        }
        guard member.size <= limits.fileSize else {
            throw LayerProblem(
                .fileTooLarge,
                path: path,
                "the file has \(member.size) bytes, more than \(limits.fileSize)"
            )
        }
        expandedSize += member.size + 512
        guard expandedSize <= limits.expandedSize else {
            throw LayerProblem(.tooLarge, "the layer expands to more than \(limits.expandedSize) bytes")
        }
    }

    private func check(_ path: TreePath) throws(LayerProblem) {
        guard path.bytes.count <= limits.pathLength else {
            throw LayerProblem(
                .pathTooLong,
                path: path,
                "the path has \(path.bytes.count) bytes, more than \(limits.pathLength)"
            )
        }
        var length = 0
        for byte in path.bytes {
            length = byte == UInt8(ascii: "/") ? 0 : length + 1
            guard length <= TreePath.componentLimit else {
                throw LayerProblem(.nameTooLong, path: path, "a name has more than 255 bytes")
            }
        }
    }
}
