// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Foundation
internal import MetadataStore
internal import RegistryUpkeep
internal import ServerAssembly

/// The command `wharfd admin scrub`.
struct AdminScrubCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "scrub",
        abstract: "Read all stored blobs and set aside what is damaged.",
        discussion: """
            The server may run meanwhile. A damaged blob moves to quarantine/ and is
            answered as missing, so that the next push of the image uploads it again, which
            heals it everywhere. The status is 1 if anything was found.

            Example: wharf admin scrub --data /srv/wharf --rate 100MiB
            """
    )

    @Option(help: "The data directory.")
    var data = "./wharf-data"

    @Option(help: ArgumentHelp("Read at most so much each second, such as 100MiB.", valueName: "size"))
    var rate: String?

    @Flag(help: "Go on where an earlier run was stopped.")
    var resume = false

    @Flag(help: "Print JSON.")
    var json = false

    func validate() throws {
        guard rate.map({ (SizeText.inBytes($0) ?? 0) > 0 }) ?? true else {
            throw ValidationError("'\(rate ?? "")' is not a size such as 512KiB, 4MiB or 10GiB")
        }
    }

    func run() async throws {
        let data = try OpenData(data)
        let file = ScrubFile(path: data.path + "/scrub.json")
        let start = resume ? try file.read() : ScrubState()
        let line = ProgressLine()
        let scrub = ScrubBlobs(blobs: data.blobs, metadata: data.metadata, now: OpenData.now)
        let end = try await scrub(
            from: start,
            pace: ScrubPace(bytesPerSecond: rate.flatMap { SizeText.inBytes($0) })
        ) { state in
            line.show("\(state.blobs) blobs, \(state.bytes >> 20) MiB, \(state.found.count) damaged")
            try file.keep(state)
        }
        line.clear()
        file.remove()
        if json { try JSONOutput.write(end) } else { StandardStream.output.write(Self.text(of: end)) }
        guard end.found.isEmpty else { throw ExitCode.failure }
    }

    static func text(of state: ScrubState) -> String {
        var text = ""
        for finding in state.found {
            text += "\(finding.digest) \(finding.reason)\n"
            for use in finding.manifests {
                let tags = use.tags.isEmpty ? "no tag" : use.tags.joined(separator: ", ")
                text += "  hurts \(use.repository)@\(use.digest) (\(tags))\n"
            }
        }
        text += "Read \(state.blobs) blobs, \(state.bytes) bytes; \(state.found.count) damaged.\n"
        if !state.found.isEmpty { text += "Push the images that are hurt again to heal them.\n" }
        return text
    }
}

/// The file that says how far a scrub is.
private final class ScrubFile {
    private let path: String
    private var last = ContinuousClock.now

    init(path: String) { self.path = path }

    func read() throws -> ScrubState {
        guard let bytes = FileManager.default.contents(atPath: path) else { return ScrubState() }
        do {
            return try JSONDecoder().decode(ScrubState.self, from: bytes)
        } catch {
            throw AdminProblem(
                .badState,
                "\(path) is not the state of a scrub",
                remedy: "begin anew without --resume",
                cause: error
            )
        }
    }

    /// Writes the state every second at most: what is read twice after a crash does no harm.
    func keep(_ state: ScrubState) throws {
        guard ContinuousClock.now - last > .seconds(1) else { return }
        last = ContinuousClock.now
        try JSONEncoder().encode(state).write(to: URL(fileURLWithPath: path), options: .atomic)
    }

    func remove() { unlink(path) }
}
