// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CVMFSFormat
package import FileTree

/// Which of an entry's extended attributes a catalog can and may hold.
package struct PublishableAttributes: Sendable {
    /// Why an attribute is not published.
    package enum Reason: String, Sendable, CaseIterable {
        /// `trusted.*` and `user.overlay.*` steer overlay file systems: an image never gets to set them.
        case steersOverlay = "xattr-steers-overlay"
        /// A name or value over 255 bytes.
        case tooLong = "xattr-too-long"
        /// An empty name, or one with a NUL byte.
        case invalid = "xattr-invalid"
        /// More than 255 attributes: the first 255 by name are kept.
        case tooMany = "xattr-too-many"
    }

    /// The `xattr` column.
    package let encoded: [UInt8]?
    /// What is left out, and why.
    package let omitted: [(attribute: RawAttribute, reason: Reason)]

    /// Looks through the attributes that an archive gives; those of an opaque directory of a layer are added.
    package init(_ raw: [RawAttribute], isOpaque: Bool = false) {
        guard !raw.isEmpty || isOpaque else {
            encoded = nil
            omitted = []
            return
        }
        var kept = isOpaque ? Self.opaque : []
        var omitted: [(attribute: RawAttribute, reason: Reason)] = []
        for attribute in raw.sorted(by: { $0.name.lexicographicallyPrecedes($1.name) }) {
            if let reason = Self.reasonToOmit(attribute) {
                omitted.append((attribute, reason))
            } else if kept.count == ExtendedAttributes.limit {
                omitted.append((attribute, .tooMany))
            } else {
                kept.append(ExtendedAttributes.Attribute(name: attribute.name, value: attribute.value))
            }
        }
        encoded = ExtendedAttributes(kept)?.encoded
        self.omitted = omitted
    }

    /// What makes the kernel's overlay hide what lower layers have in a directory: the first one where root mounts, the second
    /// one with the option `userxattr`.
    ///
    /// These are the publisher's own words, made from a marker that every layer may have. They can hide and nothing else; the
    /// attributes that lead an overlay elsewhere, `redirect` and `metacopy`, are never written.
    private static let opaque = ["trusted.overlay.opaque", "user.overlay.opaque"].map {
        ExtendedAttributes.Attribute(name: Array($0.utf8), value: [UInt8(ascii: "y")])
    }

    private static func reasonToOmit(_ attribute: RawAttribute) -> Reason? {
        if attribute.name.isEmpty || attribute.name.contains(0) { return .invalid }
        if attribute.name.starts(with: "trusted.".utf8) || attribute.name.starts(with: "user.overlay.".utf8) {
            return .steersOverlay
        }
        let limit = ExtendedAttributes.limit
        return attribute.name.count > limit || attribute.value.count > limit ? .tooLong : nil
    }
}
