// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import Problems

#if canImport(Glibc)
internal import Glibc
#endif

/// What every mount of a node needs: the kernel's device, and the right to mount.
enum NodeChecks {
    /// Looks at the node itself.
    static func all() -> [Finding] { [fuse(), permissions()] }

    private static func fuse() -> Finding {
        let descriptor = open("/dev/fuse", O_RDWR | O_CLOEXEC)
        guard descriptor >= 0 else {
            let reason = String(cString: strerror(errno))
            let remedy =
                switch errno {
                case ENOENT, ENODEV, ENXIO: "modprobe fuse; in a container: start it with --device /dev/fuse"
                case EACCES, EPERM: "chmod 666 /dev/fuse; in a container: start it with --device /dev/fuse"
                default: "look for 'fuse' in dmesg"
                }
            return .wrong(.fuse, "/dev/fuse cannot be opened: \(reason)", remedy)
        }
        defer { close(descriptor) }
        guard isDevice(descriptor) else {
            return .wrong(
                .fuse,
                "/dev/fuse is not the kernel's device",
                "rm /dev/fuse; mknod -m 666 /dev/fuse c 10 229"
            )
        }
        return .fine(.fuse, "/dev/fuse can be opened, kernel \(KernelName.release)")
    }

    /// Whether an open file is the character device 10, 229.
    ///
    /// - Source: Linux, Documentation/admin-guide/devices.txt.
    private static func isDevice(_ descriptor: Int32) -> Bool {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { return false }
        return status.st_mode & S_IFMT == S_IFCHR && status.st_rdev == 10 << 8 | 229
    }

    private static func permissions() -> Finding {
        guard Capabilities.mayMount else {
            return .wrong(
                .permissions,
                "user \(getuid()) may not mount",
                "run as root, or in a user namespace: unshare --user --map-root-user --mount"
            )
        }
        return .fine(.permissions, geteuid() == 0 ? "this user may mount" : "may mount by a capability")
    }
}

/// What the kernel lets this process do.
enum Capabilities {
    /// Whether it has CAP_SYS_ADMIN over its mounts.
    ///
    /// - Source: capabilities(7): bit 21 of `CapEff` in /proc/self/status.
    static var mayMount: Bool {
        let text = String(decoding: SmallFile.read("/proc/self/status") ?? [], as: UTF8.self)
        let line = text.split(separator: "\n").first { $0.hasPrefix("CapEff:") }
        let digits = line?.split(whereSeparator: \.isWhitespace).last ?? "0"
        return (UInt64(digits, radix: 16) ?? 0) & 1 << 21 != 0
    }
}

/// The kernel that runs.
enum KernelName {
    /// Its release, such as `6.1.0-18-amd64`.
    static var release: String {
        var name = utsname()
        guard uname(&name) == 0 else { return "unknown" }
        return withUnsafePointer(to: &name.release) {
            $0.withMemoryRebound(to: CChar.self, capacity: 65) { String(cString: $0) }
        }
    }
}
