// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Foundation
internal import ServerAssembly

/// The command `wharfd admin read-only`.
struct AdminReadOnlyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "read-only",
        abstract: "Refuse pushes and deletions on a running server, or take them again.",
        discussion: """
            Pulls go on. It holds until the server ends; registry.readOnly in its
            configuration holds longer.

            Example: wharf admin read-only on --data /srv/wharf
            """
    )

    /// What to do.
    enum Wish: String, ExpressibleByArgument, CaseIterable {
        case on, off, show
    }

    @Argument(help: "on, off or show.")
    var wish = Wish.show

    @Option(help: "The data directory of the running server.")
    var data = "./wharf-data"

    @Flag(help: "Print JSON.")
    var json = false

    func run() async throws {
        let answer = try await RunningServer.orAlone(data: data) { directory -> [UInt8] in
            throw AdminProblem(
                .noServer,
                "no server runs on \(directory.path)",
                remedy: "set registry.readOnly in its configuration before it is started"
            )
        } through: { server in
            switch wish {
            case .on: try await server.call("POST", "/wharf/mode?readOnly=true", body: [])
            case .off: try await server.call("POST", "/wharf/mode?readOnly=false", body: [])
            case .show: try await server.call("GET", "/wharf/mode", body: [])
            }
        }
        let state = try JSONDecoder().decode(State.self, from: Data(answer))
        guard !json else { return try JSONOutput.write(state) }
        StandardStream.output.write(
            state.readOnly ? "The registry is read-only.\n" : "The registry takes pushes.\n"
        )
    }

    private struct State: Codable {
        let readOnly: Bool
    }
}
