// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import ContainerLaunch

#if canImport(Glibc)
internal import Glibc
#endif

/// `wharf run`.
struct RunCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Run a command in a container of an image that is in a mounted repository.",
        discussion: """
            Nothing is pulled: the container's root is the mounted tree under a layer
            that is thrown away. The status is the command's; 125, 126 and 127 say that
            the container, the command's file, or the command was at fault.

            Example:
              wharf run registry.example.org/team/app:1.2 -- python3 -c 'print(6 * 7)'
            """
    )

    @Flag(inversion: .prefixedNo, help: "Let the command write to its root; what it writes is thrown away.")
    var rw = true

    @Option(
        name: [.long, .customShort("e")],
        help: "Set a variable, NAME=VALUE; NAME alone takes this process's value."
    )
    var env: [String] = []

    @Option(name: [.long, .customShort("v")], help: "Show a directory of this machine, SRC:DST[:ro].")
    var volume: [String] = []

    @Flag(help: "Let set-uid programs take effect.")
    var suid = false

    @Option(help: "Look in this mounted repository only.")
    var repository: String?

    @Argument(help: "The image, such as registry.example.org/team/app:1.2, or the path of a tree.")
    var image: String

    @Argument(parsing: .captureForPassthrough, help: "The command; the image's own if there is none.")
    var command: [String] = []

    func run() throws {
        do {
            let launcher = ContainerLauncher(scratch: "/var/lib/wharf/run")
            throw ExitCode(
                try launcher.run(
                    try ImageSearch.find(image, repository: repository),
                    try request()
                )
            )
        } catch let problem as LaunchProblem {
            StandardError.print("wharf: \(problem)")
            throw ExitCode(problem.exitStatus)
        }
    }

    private func request() throws(LaunchProblem) -> ContainerRequest {
        var request = ContainerRequest()
        request.words = command.first == "--" ? Array(command.dropFirst()) : command
        request.environment = env.compactMap { assignment in
            guard !assignment.contains("=") else { return assignment }
            return getenv(assignment).map { "\(assignment)=\(String(cString: $0))" }
        }
        for text in volume {
            guard let volume = ContainerRequest.Volume(text) else {
                throw LaunchProblem(
                    .setUp,
                    "'\(text)' is no volume",
                    remedy: "write /source:/target or /source:/target:ro"
                )
            }
            request.volumes.append(volume)
        }
        request.allowsSetUserID = suid
        request.isWritable = rw
        request.hasTerminal = isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1
        return request
    }
}
