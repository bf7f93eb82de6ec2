// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

/// The kinds of request that the kernel sends.
///
/// - Source: Linux, include/uapi/linux/fuse.h, `enum fuse_opcode`, protocol 7.45.
package enum Opcode: UInt32, Sendable, CaseIterable {
    case lookup = 1
    case forget = 2
    case getAttributes = 3
    case setAttributes = 4
    case readLink = 5
    case symlink = 6
    case makeNode = 8
    case makeDirectory = 9
    case unlink = 10
    case removeDirectory = 11
    case rename = 12
    case link = 13
    case open = 14
    case read = 15
    case write = 16
    case fileSystemStatus = 17
    case release = 18
    case sync = 20
    case setExtendedAttribute = 21
    case getExtendedAttribute = 22
    case listExtendedAttributes = 23
    case removeExtendedAttribute = 24
    case flush = 25
    case initialise = 26
    case openDirectory = 27
    case readDirectory = 28
    case releaseDirectory = 29
    case syncDirectory = 30
    case access = 34
    case create = 35
    case interrupt = 36
    case destroy = 38
    case ioctl = 39
    case batchForget = 42
    case fallocate = 43
    case readDirectoryPlus = 44
    case rename2 = 45
    case seek = 46
    case copyFileRange = 47
    case temporaryFile = 51

    /// Whether the request would change the file system: such requests are answered with EROFS.
    package var modifies: Bool {
        switch self {
        case .setAttributes, .symlink, .makeNode, .makeDirectory, .unlink, .removeDirectory, .rename, .link,
            .write,
            .setExtendedAttribute, .removeExtendedAttribute, .create, .fallocate, .rename2, .copyFileRange,
            .temporaryFile:
            true
        default: false
        }
    }
}
