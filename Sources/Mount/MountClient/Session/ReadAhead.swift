// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

#if canImport(Glibc)
internal import Glibc
#endif

/// The kernel's read-ahead of the mount, whose default is too small for a file system that copies.
enum ReadAhead {
    /// Asks for reads of up to a mebibyte.
    ///
    /// A kernel or container that does not let us goes on with its default.
    static func raise(at target: String) {
        var status = stat()
        guard stat(target, &status) == 0 else { return }
        let path =
            "/sys/class/bdi/0:\(UInt64(status.st_dev) & 0xff | (UInt64(status.st_dev) >> 12 & ~0xff))/read_ahead_kb"
        let descriptor = open(path, O_WRONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        let value = Array("1024".utf8)
        _ = write(descriptor, value, value.count)
    }
}
