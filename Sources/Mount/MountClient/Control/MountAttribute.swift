// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CLinux
package import Problems

#if canImport(Glibc)
internal import Glibc
#endif

/// Attributes by which a mount tells of itself.
package enum MountAttribute {
    /// The path of the control socket.
    package static let socket = "user.wharf.socket"

    /// The number of the process that serves a mount; `nil` if nobody says it.
    package static func process(at mountpoint: String) -> Int32? {
        (try? read("user.pid", at: mountpoint)).flatMap { $0 }.flatMap { Int32($0) }
    }

    /// An attribute of a file; `nil` if it has none of that name.
    package static func read(_ name: String, at path: String) throws(SystemCallProblem) -> String? {
        var value = [UInt8](repeating: 0, count: 64 << 10)
        let count = wharf_get_attribute(path, name, &value, Int32(value.count))
        if count == -ENODATA { return nil }
        guard count >= 0 else { throw SystemCallProblem("getxattr", path, errorNumber: -count) }
        return String(decoding: value.prefix(Int(count)), as: UTF8.self)
    }
}
