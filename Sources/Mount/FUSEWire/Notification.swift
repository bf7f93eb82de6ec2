// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

/// What the file system may tell the kernel without being asked.
///
/// - Source: Linux, fuse.h, `enum fuse_notify_code`.
package enum Notification {
    /// Drops the cached attributes of a node, and all cached content with them.
    case nodeChanged(UInt64)
    /// Drops the cached attributes of a node, and keeps its content.
    case attributesChanged(UInt64)
    /// Drops a cached name, present or absent.
    case nameChanged(parent: UInt64, name: [UInt8])
    /// Makes every cached name stale, present or absent (protocol 7.44).
    case everyNameStale
    /// Asks for nodes to be forgotten; those that are in use stay (protocol 7.45).
    case forgetUnused([UInt64])
}

extension ReplyBuffer {
    /// Starts a message with a notification.
    package func begin(_ notification: Notification) {
        switch notification {
        case .nodeChanged(let node):
            beginNotification(2)
            append(node)
            append(Int64(0))
            append(Int64(0))
        case .attributesChanged(let node):
            beginNotification(2)
            append(node)
            append(Int64(-1))
            append(Int64(0))
        case .nameChanged(let parent, let name):
            beginNotification(3)
            append(parent)
            append(UInt32(truncatingIfNeeded: name.count))
            append(UInt32(0))
            name.withUnsafeBytes { append($0) }
            append(UInt8(0))
        case .everyNameStale: beginNotification(8)
        case .forgetUnused(let nodes):
            beginNotification(9)
            append(UInt32(truncatingIfNeeded: nodes.count))
            append(UInt32(0))
            append(UInt64(0))
            for node in nodes { append(node) }
        }
    }
}
