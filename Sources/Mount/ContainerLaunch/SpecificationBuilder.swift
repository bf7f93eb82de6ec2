// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import OCISpec

/// Makes a container's specification out of the image's configuration and the request.
struct SpecificationBuilder {
    let config: ImageConfig
    let request: ContainerRequest
    let user: ContainerUser
    let hostname: String

    /// What podman lets a container do by default.
    static let capabilities = [
        "CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER", "CAP_FSETID", "CAP_KILL", "CAP_NET_BIND_SERVICE",
        "CAP_SETFCAP", "CAP_SETGID", "CAP_SETPCAP", "CAP_SETUID", "CAP_SYS_CHROOT",
    ]

    /// - Throws: `noCommand` if neither the image nor the request says what to run.
    func specification(root: String) throws(LaunchProblem) -> RuntimeSpecification {
        let isRoot = user.user == 0
        return RuntimeSpecification(
            process: RuntimeSpecification.Process(
                terminal: request.hasTerminal,
                user: RuntimeSpecification.Process.User(
                    uid: user.user,
                    gid: user.group,
                    additionalGids: user.moreGroups
                ),
                args: try arguments(),
                env: environment,
                cwd: config.execution.workingDirectory.flatMap { $0.isEmpty ? nil : $0 } ?? "/",
                capabilities: RuntimeSpecification.Process.Capabilities(
                    bounding: Self.capabilities,
                    effective: isRoot ? Self.capabilities : [],
                    permitted: isRoot ? Self.capabilities : []
                ),
                noNewPrivileges: !request.allowsSetUserID
            ),
            root: RuntimeSpecification.Root(path: root, readonly: !request.isWritable),
            hostname: hostname,
            mounts: Self.systemMounts + networkFiles + volumes,
            linux: RuntimeSpecification.Linux(
                // The network is the host's: a job needs it, and nobody set another one up.
                namespaces: ["pid", "ipc", "uts", "mount"].map { RuntimeSpecification.Namespace(type: $0) },
                maskedPaths: Self.maskedPaths,
                readonlyPaths: [
                    "/proc/asound", "/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger",
                ],
                seccomp: .podman
            )
        )
    }

    /// The request's words replace the image's command, and follow its entry point.
    func arguments() throws(LaunchProblem) -> [String] {
        let execution = config.execution
        let words = execution.entrypoint + (request.words.isEmpty ? execution.command : request.words)
        guard !words.isEmpty else {
            throw LaunchProblem(.noCommand, "the image names no command", remedy: "write one after the image")
        }
        return words
    }

    /// The image's variables under the request's, over defaults for those that programs take for granted.
    var environment: [String] {
        let defaults = [
            "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=\(user.home)",
            "HOSTNAME=\(hostname)", "TERM=xterm",
        ]
        var order: [Substring] = []
        var values: [Substring: String] = [:]
        for assignment in defaults + config.execution.environment + request.environment {
            let name = assignment.prefix { $0 != "=" }
            if values.updateValue(assignment, forKey: name) == nil { order.append(name) }
        }
        return order.compactMap { values[$0] }
    }

    private var volumes: [RuntimeSpecification.Mount] {
        request.volumes.map { volume in
            RuntimeSpecification.Mount(
                destination: volume.target,
                type: "bind",
                source: volume.source,
                options: ["rbind", "nodev", volume.isReadOnly ? "ro" : "rw"]
            )
        }
    }

    /// With the host's network come the host's names.
    private var networkFiles: [RuntimeSpecification.Mount] {
        guard request.isWritable else { return [] }
        return ["/etc/resolv.conf", "/etc/hosts"].filter { WholeFile.read($0, limit: 1 << 20) != nil }.map {
            path in
            RuntimeSpecification.Mount(
                destination: path,
                type: "bind",
                source: path,
                options: ["bind", "ro", "nosuid", "nodev", "noexec"]
            )
        }
    }

    private static let systemMounts = [
        mount("/proc", "proc", "proc", ["nosuid", "noexec", "nodev"]),
        mount("/dev", "tmpfs", "tmpfs", ["nosuid", "strictatime", "mode=755", "size=65536k"]),
        mount(
            "/dev/pts",
            "devpts",
            "devpts",
            ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"]
        ),
        mount("/dev/shm", "tmpfs", "shm", ["nosuid", "noexec", "nodev", "mode=1777", "size=65536k"]),
        mount("/dev/mqueue", "mqueue", "mqueue", ["nosuid", "noexec", "nodev"]),
        mount("/sys", "sysfs", "sysfs", ["nosuid", "noexec", "nodev", "ro"]),
    ]

    private static func mount(_ destination: String, _ type: String, _ source: String, _ options: [String])
        -> RuntimeSpecification.Mount
    {
        RuntimeSpecification.Mount(destination: destination, type: type, source: source, options: options)
    }

    private static let maskedPaths = [
        "/proc/acpi", "/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/sched_debug", "/proc/scsi",
        "/proc/timer_list", "/proc/timer_stats", "/sys/dev/block", "/sys/devices/virtual/powercap",
        "/sys/firmware",
        "/sys/fs/selinux",
    ]
}
