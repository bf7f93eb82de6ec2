// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import Problems

#if canImport(Glibc)
internal import Glibc
#endif

/// The directory that a repository is mounted on.
enum MountPoint {
    /// Returns the absolute path of a directory on which nothing of ours is mounted.
    static func resolve(_ path: String) throws(SettingProblem) -> String {
        guard let resolved = realpath(path, nil) else {
            let cause = SystemCallProblem("use", path)
            let isStale = cause.errorNumber == ENOTCONN
            throw SettingProblem(
                .mountpoint,
                isStale ? "\(path) is a mount whose client has ended" : "\(path) is no mount point",
                remedy: isStale ? "unmount it first: wharf umount --lazy \(path)" : "create the directory",
                cause: cause
            )
        }
        defer { free(resolved) }
        let absolute = String(cString: resolved)
        var status = stat()
        guard stat(absolute, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
            throw SettingProblem(.mountpoint, "\(path) is not a directory")
        }
        if MountTable.type(at: absolute) == MountTable.ownType {
            throw SettingProblem(
                .mountpoint,
                "something of Wharf is mounted on \(path) already",
                remedy: "unmount it first: wharf umount \(path)"
            )
        }
        return absolute
    }
}

/// What is mounted on this machine.
enum MountTable {
    /// The type of the mounts of this program, as the kernel names it.
    static let ownType = "fuse.wharf"

    /// One mounted repository.
    struct Mount {
        let repository: String
        let target: String
        /// Whether the whole tree is shown, and not that of an image alone.
        let isWhole: Bool
        /// The file system's device, the same for all views of one mount.
        let device: String
    }

    /// The repositories that are mounted by this program, in the order of mounting.
    ///
    /// - Source: proc(5), `/proc/pid/mountinfo`: fields up to a lone hyphen, then type and source.
    static func fuseMounts() -> [Mount] {
        all().filter { $0.type == ownType && $0.mount.isWhole }.map(\.mount)
    }

    /// The type of what is mounted on top at a path; `nil` if nothing is.
    static func type(at path: String) -> String? { all().last { $0.mount.target == path }?.type }

    /// Whether the file system at a path is shown nowhere else: then its client ends with this mount.
    static func isOnlyView(_ path: String) -> Bool {
        let mounts = all().map(\.mount)
        guard let mount = mounts.last(where: { $0.target == path }) else { return false }
        return mounts.count { $0.device == mount.device } == 1
    }

    private static func all() -> [(type: String, mount: Mount)] {
        let text = String(decoding: SmallFile.read("/proc/self/mountinfo") ?? [], as: UTF8.self)
        return text.split(separator: "\n").compactMap { line in
            let fields = line.split(separator: " ")
            guard fields.count > 4, let hyphen = fields.firstIndex(of: "-"), hyphen + 2 < fields.count else {
                return nil
            }
            let mount = Mount(
                repository: String(fields[hyphen + 2]),
                target: unescaped(fields[4]),
                isWhole: fields[3] == "/",
                device: String(fields[2])
            )
            return (String(fields[hyphen + 1]), mount)
        }
    }

    /// Undoes the octal escapes of blanks and backslashes.
    private static func unescaped(_ field: Substring) -> String {
        var bytes: [UInt8] = []
        var rest = Array(field.utf8)[...]
        while let byte = rest.first {
            let digits = rest.dropFirst().prefix(3)
            if byte == UInt8(ascii: "\\"), digits.count == 3,
                let code = UInt8(String(decoding: digits, as: UTF8.self), radix: 8)
            {
                bytes.append(code)
                rest = rest.dropFirst(4)
            } else {
                bytes.append(byte)
                rest = rest.dropFirst()
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
