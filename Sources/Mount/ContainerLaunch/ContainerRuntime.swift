// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import Problems
internal import Synchronization

#if canImport(Glibc)
internal import Glibc
#endif

/// An OCI runtime program of this machine.
struct ContainerRuntime {
    let path: String

    /// Finds runc, or else crun.
    ///
    /// The latter comes second since it refuses hosts with hybrid control groups.
    static func find() throws(LaunchProblem) -> ContainerRuntime {
        for name in ["runc", "crun"] {
            for directory in ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"] {
                let path = directory + "/" + name
                if access(path, X_OK) == 0 { return ContainerRuntime(path: path) }
            }
        }
        throw LaunchProblem(.noRuntime, "there is no OCI runtime on this machine", remedy: "install runc")
    }

    /// Runs a container and waits for its end; signals that ask this process to end are passed on.
    ///
    /// - Returns: the command's status.
    /// - Throws: `commandNotFound`, `commandNotExecutable` or `setUp`, told by the runtime's log.
    func run(_ bundle: ContainerBundle, name: String) throws(LaunchProblem) -> Int32 {
        let words = [
            path, "--log", bundle.log, "--log-format", "json", "run", "--bundle", bundle.directory, name,
        ]
        var arguments = words.map { strdup($0) }
        arguments.append(nil)
        defer { for argument in arguments { free(argument) } }
        var process = pid_t()
        let code = posix_spawn(&process, path, nil, nil, arguments, environ)
        guard code == 0 else {
            let cause = SystemCallProblem("start", path, errorNumber: code)
            throw LaunchProblem(.noRuntime, "cannot start the container runtime", cause: cause)
        }
        SignalForwarding.start(to: process)
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0 {
            guard errno == EINTR else { throw LaunchProblem(.setUp, "the container runtime is lost") }
        }
        SignalForwarding.stop()
        let exitStatus = status & 0x7f == 0 ? status >> 8 & 0xff : 128 + status & 0x7f
        if exitStatus != 0 { try check(bundle) }
        return exitStatus
    }

    /// The runtime writes errors of its own into its log; a command that merely failed leaves none.
    private func check(_ bundle: ContainerBundle) throws(LaunchProblem) {
        let text = String(decoding: WholeFile.read(bundle.log, limit: 1 << 20) ?? [], as: UTF8.self)
        guard let line = text.split(separator: "\n").last(where: { $0.contains("\"level\":\"error\"") })
        else { return }
        let code: LaunchProblem.Code =
            line.contains("executable file not found") || line.contains("no such file or directory")
            ? .commandNotFound : line.contains("permission denied") ? .commandNotExecutable : .setUp
        throw LaunchProblem(code, "the container did not start")
    }
}

/// Passes signals on to a child.
private enum SignalForwarding {
    /// A handler may touch nothing but an atomic.
    static let child = Atomic<Int32>(0)

    static func start(to process: pid_t) {
        child.store(process, ordering: .sequentiallyConsistent)
        for number in [SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2] {
            signal(number) { number in
                let process = SignalForwarding.child.load(ordering: .sequentiallyConsistent)
                if process > 0 { kill(process, number) }
            }
        }
    }

    static func stop() { child.store(0, ordering: .sequentiallyConsistent) }
}
