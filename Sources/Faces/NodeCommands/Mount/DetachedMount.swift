// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import Problems

#if canImport(Glibc)
internal import Glibc
#endif

/// A mount that outlives the command that made it.
///
/// The command starts the same program again in its own session, with one end of a pipe. What comes out of the other
/// end decides the command's status: an empty line when the tree is readable, else the reason why it is not.
enum DetachedMount {
    /// Starts the serving process and waits until the tree is readable.
    static func start() throws(SettingProblem) {
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else {
            throw SettingProblem(.startFailed, "cannot start", cause: SystemCallProblem("make", "a pipe"))
        }
        let words = CommandLine.arguments.dropFirst()
        let isHelper =
            Invocation.words(of: CommandLine.arguments).count != words.count || words.first != "mount"
        let command = isHelper ? Invocation.words(of: CommandLine.arguments) : Array(words)
        try spawn([ProgramPath.current] + command + ["--ready-descriptor", "3"], ready: ends[1])
        close(ends[1])
        defer { close(ends[0]) }
        let answer = readAll(ends[0])
        guard answer != [UInt8(ascii: "\n")] else { return }
        let text = String(decoding: answer, as: UTF8.self)
        throw SettingProblem(.startFailed, text.isEmpty ? "the client ended before it was ready" : text)
    }

    /// Serves in the process that `start` made, and ends it.
    static func serve(
        _ request: MountRequest,
        _ settings: MountSettings,
        _ mountpoint: String,
        ready: Int32
    ) -> Never {
        do {
            try checkLog(settings)
            let service = MountService(request, settings, at: try MountPoint.resolve(mountpoint))
            try service.run(
                onStart: { log in
                    // Also for what the language's runtime has to say.
                    redirectOutput(to: settings.logFile)
                    log.send(to: settings.logTarget)
                },
                onReady: {
                    // Out of the session of whoever called, so that the end of a terminal does not end the mount. Not earlier:
                    // autofs lets its own process group alone see the mount point until it hears that the mount is made.
                    setsid()
                    // Nor does it keep the file system busy that its caller was in.
                    chdir("/")
                    tell(ready, "\n")
                }
            )
            exit(0)
        } catch {
            tell(ready, "\(error)")
            exit(1)
        }
    }

    private static func spawn(_ words: [String], ready: Int32) throws(SettingProblem) {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, ready, 3)
        for descriptor in Int32(4)..<64 { posix_spawn_file_actions_addclose(&actions, descriptor) }
        var arguments = words.map { strdup($0) }
        arguments.append(nil)
        defer { for argument in arguments { free(argument) } }
        var process = pid_t()
        let code = posix_spawn(&process, words[0], &actions, nil, arguments, environ)
        guard code == 0 else {
            let cause = SystemCallProblem("start", words[0], errorNumber: code)
            throw SettingProblem(.startFailed, "cannot start the client", cause: cause)
        }
    }

    private static func readAll(_ descriptor: Int32) -> [UInt8] {
        var answer: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return answer }
            answer += buffer[..<count]
        }
    }

    private static func tell(_ descriptor: Int32, _ text: String) {
        let bytes = Array(text.utf8)
        _ = write(descriptor, bytes, bytes.count)
        close(descriptor)
    }

    /// A log that was asked for by name must be writable; the one beside the cache may be lost.
    private static func checkLog(_ settings: MountSettings) throws(SettingProblem) {
        guard let path = settings.namedLogFile else { return }
        let log = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
        guard log >= 0 else {
            throw SettingProblem(
                .option,
                "the log cannot be written",
                remedy: "make its directory, or name another file",
                cause: SystemCallProblem("open", path)
            )
        }
        close(log)
    }

    /// Sends what is logged from now on to a file; where that cannot be, the log is lost but the mount lives.
    private static func redirectOutput(to path: String) {
        let log = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
        guard log >= 0 else { return }
        dup2(log, STDERR_FILENO)
        close(log)
    }
}
