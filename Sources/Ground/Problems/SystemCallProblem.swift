// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

#if canImport(Glibc)
internal import Glibc
#endif

/// A system call that failed: which call, on what, and the reason that the kernel gave.
package struct SystemCallProblem: Problem {
    /// The name of the call, such as `open`.
    package let call: String
    /// The path or other subject of the call.
    package let subject: String
    /// The value of `errno` after the call.
    package let errorNumber: Int32

    /// Records a failed call; by default with the `errno` of this thread, so make it directly after the call.
    package init(_ call: String, _ subject: String, errorNumber: Int32 = errno) {
        self.call = call
        self.subject = subject
        self.errorNumber = errorNumber
    }

    package var identifier: String { "system-call" }

    package var message: String {
        "cannot \(call) \(subject): \(String(cString: strerror(errorNumber)))"
    }

    package var remedy: String? {
        switch errorNumber {
        case ENOSPC, EDQUOT: "free some space on that file system"
        case EACCES, EPERM: "check the owner and permissions, or run as root"
        case EMFILE, ENFILE: "raise the limit of open files (ulimit -n)"
        default: nil
        }
    }
}
