// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

extension RuntimeSpecification.Seccomp {
    /// The profile that podman uses by default.
    static var podman: RuntimeSpecification.Seccomp {
        typealias Rule = RuntimeSpecification.Seccomp.Rule
        var rules = [
            Rule(names: names(SeccompTable.refused), action: "SCMP_ACT_ERRNO", errnoRet: 1),
            Rule(names: names(SeccompTable.allowed), action: "SCMP_ACT_ALLOW"),
        ]
        // Execution domains that only change what uname and the address space look like.
        for domain in [0, 8, 0x20000, 0x20008, 0xffff_ffff] as [UInt64] {
            let argument = Rule.Argument(index: 0, value: domain, op: "SCMP_CMP_EQ")
            rules.append(Rule(names: ["personality"], action: "SCMP_ACT_ALLOW", args: [argument]))
        }
        return RuntimeSpecification.Seccomp(
            defaultAction: "SCMP_ACT_ERRNO",
            defaultErrnoRet: 38,
            architectures: architectures,
            syscalls: rules + sockets
        )
    }

    /// Every socket but that of the audit system (AF_NETLINK with NETLINK_AUDIT).
    private static var sockets: [RuntimeSpecification.Seccomp.Rule] {
        typealias Rule = RuntimeSpecification.Seccomp.Rule
        let (netlink, audit) = (UInt64(16), UInt64(9))
        return [
            Rule(
                names: ["socket"],
                action: "SCMP_ACT_ERRNO",
                errnoRet: 22,
                args: [
                    Rule.Argument(index: 0, value: netlink, op: "SCMP_CMP_EQ"),
                    Rule.Argument(index: 2, value: audit, op: "SCMP_CMP_EQ"),
                ]
            ),
            Rule(
                names: ["socket"],
                action: "SCMP_ACT_ALLOW",
                args: [Rule.Argument(index: 2, value: audit, op: "SCMP_CMP_NE")]
            ),
            Rule(
                names: ["socket"],
                action: "SCMP_ACT_ALLOW",
                args: [Rule.Argument(index: 0, value: netlink, op: "SCMP_CMP_NE")]
            ),
        ]
    }

    private static func names(_ text: String) -> [String] {
        text.split(whereSeparator: \.isWhitespace).map { String($0) }
    }

    #if arch(arm64)
    private static let architectures = ["SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM"]
    #else
    private static let architectures = ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"]
    #endif
}
