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

    package init(_ raw: [RawAttribute]) {
        guard !raw.isEmpty else {
            encoded = nil
            omitted = []
            return
        }
        var kept: [ExtendedAttributes.Attribute] = []
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

    private static func reasonToOmit(_ attribute: RawAttribute) -> Reason? {
        if attribute.name.isEmpty || attribute.name.contains(0) { return .invalid }
        if attribute.name.starts(with: "trusted.".utf8) || attribute.name.starts(with: "user.overlay.".utf8) {
            return .steersOverlay
        }
        let limit = ExtendedAttributes.limit
        return attribute.name.count > limit || attribute.value.count > limit ? .tooLong : nil
    }
}
