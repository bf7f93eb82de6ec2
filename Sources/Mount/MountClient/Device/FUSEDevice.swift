// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import Problems

#if canImport(Glibc)
internal import Glibc
#endif

/// A channel of the connection to the kernel: requests are read from it and answered on it.
///
/// One thread reads a channel at a time, and an answer goes to the channel that its request came from.
struct FUSEDevice: Sendable {
    /// Requests are at most this long: nothing is ever written.
    static let requestCapacity = 192 << 10

    let descriptor: Int32

    /// Opens the device.
    static func open() throws(MountProblem) -> FUSEDevice {
        let descriptor = Glibc.open("/dev/fuse", O_RDWR | O_CLOEXEC)
        guard descriptor >= 0 else {
            let cause = SystemCallProblem("open", "/dev/fuse")
            let isForbidden = cause.errorNumber == EACCES || cause.errorNumber == EPERM
            throw MountProblem(
                .noDevice,
                "FUSE is not available",
                remedy: isForbidden
                    ? "open the device to users (chmod 666 /dev/fuse), or run as root"
                    : "load the kernel module (modprobe fuse) and run as root",
                cause: cause
            )
        }
        return FUSEDevice(descriptor: descriptor)
    }

    /// Mounts this connection, read-only and without devices.
    func mount(_ source: String, at target: String, _ access: AccessRules) throws(MountProblem) {
        let options =
            "fd=\(descriptor),rootmode=40000,user_id=\(getuid()),group_id=\(getgid()),allow_other"
            + (access.checksPermissions ? ",default_permissions" : "")
        let code = wharf_mount_fuse(
            source,
            target,
            "fuse.wharf",
            options,
            access.allowsSetUserID ? 1 : 0,
            access.forbidsExecution ? 1 : 0
        )
        guard code == 0 else {
            throw MountProblem(
                .mountFailed,
                "cannot mount \(source)",
                cause: SystemCallProblem("mount", target, errorNumber: -code)
            )
        }
    }

    /// Makes another channel of this connection; `nil` on a kernel that cannot.
    func clone() -> FUSEDevice? {
        let clone = Glibc.open("/dev/fuse", O_RDWR | O_CLOEXEC)
        guard clone >= 0 else { return nil }
        guard wharf_fuse_clone(clone, descriptor) == 0 else {
            Glibc.close(clone)
            return nil
        }
        return FUSEDevice(descriptor: clone)
    }

    /// Waits for a request.
    ///
    /// `nil` when the file system was unmounted.
    func receive(into buffer: UnsafeMutableRawBufferPointer) throws(SystemCallProblem)
        -> UnsafeRawBufferPointer?
    {
        while true {
            let count = read(descriptor, buffer.baseAddress, buffer.count)
            if count >= 0 { return UnsafeRawBufferPointer(rebasing: buffer[..<count]) }
            switch errno {
            // A request was taken back before it was read, or a signal came.
            case ENOENT, EINTR, EAGAIN: continue
            case ENODEV: return nil
            default: throw SystemCallProblem("read", "/dev/fuse")
            }
        }
    }

    /// Sends an answer or a notification.
    ///
    /// Returns the error number: `ENOENT` means that nobody waits any more.
    @discardableResult
    func send(_ message: UnsafeRawBufferPointer) -> Int32 {
        while true {
            if write(descriptor, message.baseAddress, message.count) >= 0 { return 0 }
            guard errno == EINTR else { return errno }
        }
    }

    /// Registers a file for passthrough; `nil` if the kernel refuses it.
    func registerBacking(_ file: Int32) -> UInt32? {
        let code = wharf_fuse_backing_open(descriptor, file)
        return code > 0 ? UInt32(code) : nil
    }

    /// Gives a registration back.
    func releaseBacking(_ identifier: UInt32) {
        // It can fail only for an identifier that is not registered, and then there is nothing to give back.
        _ = wharf_fuse_backing_close(descriptor, identifier)
    }

    /// Closes the channel.
    func close() { Glibc.close(descriptor) }
}

/// Takes mounted file systems away.
package enum Unmount {
    /// Waits for the end of the process that served a mount, which gives the cache back; a few seconds at most.
    package static func waitForEnd(of process: Int32) {
        // Whether it ended or not, there is nothing more to do here.
        _ = wharf_wait_for_end(process, 3000)
    }

    /// Unmounts what is mounted at `target`.
    ///
    /// - Parameters:
    ///   - target: the mount point.
    ///   - isLazy: detach it now even if it is in use.
    /// - Throws: `unmountFailed`.
    package static func unmount(_ target: String, isLazy: Bool) throws(MountProblem) {
        let code = wharf_unmount(target, isLazy ? 1 : 0)
        guard code == 0 else {
            let cause = SystemCallProblem("unmount", target, errorNumber: -code)
            throw MountProblem(
                .unmountFailed,
                -code == EINVAL ? "nothing is mounted on \(target)" : cause.message,
                remedy: -code == EBUSY ? "end the processes that use it (fuser -m \(target))" : cause.remedy
            )
        }
    }
}
