// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

/// The part of a container's `config.json` that is used here.
///
/// - Source: OCI runtime specification 1.0.2, config.md and config-linux.md.
struct RuntimeSpecification: Encodable {
    struct Process: Encodable {
        struct User: Encodable {
            var uid: UInt32
            var gid: UInt32
            var additionalGids: [UInt32]
        }

        struct Capabilities: Encodable {
            var bounding: [String]
            var effective: [String]
            var permitted: [String]
        }

        var terminal: Bool
        var user: User
        var args: [String]
        var env: [String]
        var cwd: String
        var capabilities: Capabilities
        var noNewPrivileges: Bool
    }

    struct Root: Encodable {
        var path: String
        var readonly: Bool
    }

    struct Mount: Encodable {
        var destination: String
        var type: String
        var source: String
        var options: [String]
    }

    struct Namespace: Encodable {
        var type: String
    }

    struct Linux: Encodable {
        var namespaces: [Namespace]
        var maskedPaths: [String]
        var readonlyPaths: [String]
        var seccomp: Seccomp
    }

    struct Seccomp: Encodable {
        struct Rule: Encodable {
            struct Argument: Encodable {
                var index: Int
                var value: UInt64
                var op: String
            }

            var names: [String]
            var action: String
            var errnoRet: UInt32?
            var args: [Argument] = []
        }

        var defaultAction: String
        var defaultErrnoRet: UInt32
        var architectures: [String]
        var syscalls: [Rule]
    }

    var ociVersion = "1.0.2"
    var process: Process
    var root: Root
    var hostname: String
    var mounts: [Mount]
    var linux: Linux
}
