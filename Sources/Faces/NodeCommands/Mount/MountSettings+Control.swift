// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CVMFSFormat
internal import ClientConfiguration

#if canImport(Glibc)
internal import Glibc
#endif

extension MountSettings {
    /// Where the control socket of a mount may be, the preferred place first.
    ///
    /// Beside the cache, as the stock client has it; a second mount of the repository has its number in the name. The path of
    /// a socket may have 107 bytes: for caches that lie deeper there is the directory of run-time files.
    func controlSockets(process: Int32) -> [String] {
        if let path = parameters["CVMFS_TALK_SOCKET"], !path.isEmpty { return [path] }
        let name = "cvmfs_io.\(repository.name)"
        let runtime = getuid() == 0 ? "/run" : getenv("XDG_RUNTIME_DIR").map { String(cString: $0) } ?? "/tmp"
        return ["\(workspace)/\(name)", "\(workspace)/\(name).\(process)", "\(runtime)/wharf-\(process).io"]
    }
}

/// Users by name.
enum UserName {
    /// The number of a user; `nil` if there is none of that name.
    static func identifier(_ name: String) -> UInt32? {
        if let number = UInt32(name) { return number }
        return getpwnam(name)?.pointee.pw_uid
    }
}
