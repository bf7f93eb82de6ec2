// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import CVMFSFormat
internal import Problems

#if canImport(Glibc)
internal import Glibc
#endif

/// `wharf client trace`.
struct ClientTraceCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "trace",
        abstract: "Record which files of a mount a command touches, and write them down as a bundle.",
        discussion: """
            The file .cvmfsbundle-NAME belongs beside the file NAME, the first one that the
            command touches or the one that --trigger names: when it is published there,
            clients that see NAME used fetch all the others at once. The kernel's cache of
            the mount is dropped first, or what it holds would not be seen; what others
            read meanwhile is recorded, too. The status is the command's; 125, 126 and 127
            say that the recording, the command's file, or the command was at fault.

            Example:
              wharf client trace sft.example.org -- \\
                  /cvmfs/sft.example.org/bin/python3 -c 'import numpy'
            """
    )

    @Option(help: "The file beside which the bundle will lie, from the repository's root.")
    var trigger: String?

    @Option(help: "The directory that the bundle is written to.")
    var output = "."

    @Argument(help: "The repository's name, or the mount point.")
    var repository: String

    @Argument(parsing: .postTerminator, help: "The command, after --.")
    var command: [String] = []

    func run() throws {
        guard !command.isEmpty else { throw ValidationError("which command? See wharf client trace --help") }
        let mount: RunningMount
        do {
            mount = try RunningMount.one(repository)
            guard try mount.ask("trace begin") == "OK\n" else {
                throw SettingProblem(.notMounted, "somebody else records \(repository) already")
            }
        } catch {
            StandardError.print("wharf: \(error)")
            throw ExitCode(125)
        }
        let status = TracedProgram.run(command)
        do { try write(mount.ask("trace end")) } catch {
            StandardError.print("wharf: \(error)")
            throw ExitCode(125)
        }
        throw ExitCode(status)
    }

    private func write(_ answer: String) throws {
        let paths = answer.split(separator: "\n").map { String($0) }
            .filter { !$0.split(separator: "/").contains { $0.hasPrefix(FileBundle.prefix) } }
        guard let first = trigger ?? paths.first else {
            StandardError.print("wharf: the command touched nothing of \(repository)")
            return
        }
        let name = first.split(separator: "/").last.map { String($0) } ?? first
        let bundle = FileBundle(paths: paths.filter { $0 != first })
        guard !bundle.dependencies.isEmpty else {
            StandardError.print(
                "wharf: the command touched \(first) alone: there is nothing to fetch with it"
            )
            return
        }
        let path = "\(output)/\(FileBundle.prefix)\(name)"
        guard SmallFile.write(bundle.text, to: path) else {
            throw SettingProblem(
                .option,
                "\(path) cannot be written",
                cause: SystemCallProblem("write", path)
            )
        }
        StandardError.print(
            "wharf: \(path) names \(bundle.dependencies.count) files; publish it beside \(first)"
        )
    }
}

/// A command whose files are recorded.
enum TracedProgram {
    /// Runs it to its end, and returns its status as a shell would.
    static func run(_ words: [String]) -> Int32 {
        var arguments = words.map { strdup($0) }
        arguments.append(nil)
        defer { for argument in arguments { free(argument) } }
        var process = pid_t()
        // Signals of the terminal are for the command; what was recorded is written down in any case.
        let ignored = signal(SIGINT, SIG_IGN)
        defer { signal(SIGINT, ignored) }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGINT)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF))
        let code = posix_spawnp(&process, words[0], nil, &attributes, arguments, environ)
        guard code == 0 else {
            StandardError.print("wharf: \(words[0]): \(String(cString: strerror(code)))")
            return code == ENOENT ? 127 : 126
        }
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0 && errno == EINTR {}
        return status & 0x7F == 0 ? status >> 8 & 0xFF : 128 + (status & 0x7F)
    }
}
