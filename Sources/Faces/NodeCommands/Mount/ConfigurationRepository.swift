// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import Problems

#if canImport(Glibc)
internal import Glibc
#endif

/// The repository that holds configuration for others: it is mounted before them.
enum ConfigurationRepository {
    /// Makes its files readable, by mounting it if nothing (autofs, an earlier mount) shows them.
    ///
    /// Returns why that cannot be.
    static func prepare(_ name: String, at mountpoint: String) -> SettingProblem? {
        if isReadable(mountpoint) { return nil }
        if mkdir(mountpoint, 0o755) != 0, errno != EEXIST {
            return problem(name, SystemCallProblem("make", mountpoint))
        }
        do {
            try ChildProgram.run([ProgramPath.current, "mount", name, mountpoint])
        } catch {
            // Another mount may have been faster.
            return isReadable(mountpoint) ? nil : problem(name, error)
        }
        return isReadable(mountpoint) ? nil : problem(name, nil)
    }

    private static func isReadable(_ mountpoint: String) -> Bool {
        access(mountpoint + "/etc/cvmfs", R_OK) == 0
    }

    private static func problem(_ name: String, _ cause: (any Error)?) -> SettingProblem {
        SettingProblem(
            .configurationRepository,
            "the configuration repository \(name) cannot be read",
            remedy: "see wharf doctor \(name)",
            cause: cause
        )
    }
}

/// Another program, or this one again.
enum ChildProgram {
    /// Runs a program to its end; what it says is shown.
    ///
    /// - Throws: `startFailed`, also for a status other than 0.
    static func run(_ words: [String]) throws(SettingProblem) {
        var arguments = words.map { strdup($0) }
        arguments.append(nil)
        defer { for argument in arguments { free(argument) } }
        var process = pid_t()
        let code = posix_spawn(&process, words[0], nil, nil, arguments, environ)
        guard code == 0 else {
            let cause = SystemCallProblem("start", words[0], errorNumber: code)
            throw SettingProblem(.startFailed, "cannot start \(words[0])", cause: cause)
        }
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0 && errno == EINTR {}
        guard status == 0 else {
            throw SettingProblem(.startFailed, "'\(words.dropFirst().joined(separator: " "))' failed")
        }
    }
}
