// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import Problems

#if canImport(Glibc)
internal import Glibc
#endif

/// A mount namespace of this process alone.
package enum PrivateMounts {
    /// Leaves the namespace of the host: what is mounted from now on ends with this process and its children.
    package static func enter() throws(MountProblem) {
        let code = wharf_private_mounts()
        guard code == 0 else {
            let cause = SystemCallProblem("unshare", "the mount namespace", errorNumber: -code)
            throw MountProblem(.mountFailed, "cannot have mounts of one's own", cause: cause)
        }
    }
}

/// Writable layers over read-only trees.
package enum Overlay {
    /// Mounts an overlay, without devices.
    package static func mount(lower: String, upper: String, work: String, at target: String)
        throws(MountProblem)
    {
        let options = "lowerdir=\(escaped(lower)),upperdir=\(escaped(upper)),workdir=\(escaped(work))"
        let code = wharf_mount_overlay(target, options)
        guard code == 0 else {
            throw MountProblem(
                .mountFailed,
                "cannot mount an overlay over \(lower)",
                remedy: -code == EINVAL ? "put the writable layer on ext4, xfs or tmpfs" : nil,
                cause: SystemCallProblem("mount", target, errorNumber: -code)
            )
        }
    }

    /// Escapes what separates options and directories.
    private static func escaped(_ path: String) -> String {
        var text = ""
        for character in path {
            if character == "\\" || character == ":" || character == "," { text.append("\\") }
            text.append(character)
        }
        return text
    }
}

/// Parts of mounted trees, mounted elsewhere.
package enum TreeMount {
    /// Shows a directory at another one as a mount of its own: read-only, without devices, and private, so that
    /// what is mounted below it later is seen nowhere else.
    package static func bind(_ source: String, at target: String, allowsSetUserID: Bool) throws(MountProblem)
    {
        let code = wharf_bind(source, target, allowsSetUserID ? 1 : 0)
        guard code == 0 else {
            throw MountProblem(
                .mountFailed,
                "cannot mount \(source)",
                remedy: -code == EPERM ? "run as root" : nil,
                cause: SystemCallProblem("mount", target, errorNumber: -code)
            )
        }
    }
}

/// Files of a tree that is not trusted.
package enum RootedFile {
    /// Opens a file for reading with all links resolved as if `root` were the root; `nil` if that fails.
    package static func open(_ path: String, in root: String) -> Int32? {
        let directory = Glibc.open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard directory >= 0 else { return nil }
        defer { close(directory) }
        let descriptor = wharf_open_in_root(directory, path)
        return descriptor >= 0 ? descriptor : nil
    }
}
