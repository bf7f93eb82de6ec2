// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import CVMFSFormat
internal import CVMFSReader
internal import Foundation

/// The command `wharfd repo check`.
struct RepoCheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Verify the newest revision of a repository and name every fault.",
        discussion: """
            Each fault is one line: rule, path, what is wrong. The status is 1 if there is
            any. Without --objects, an object only has to exist.

            Example: wharf repo check unpacked.wharf.internal --data /srv/wharf --objects
            """
    )

    @OptionGroup var arguments: RepositoryArguments

    @Flag(
        help: "Also read every object: its bytes must have its hash, and inflate to the size in the catalog."
    )
    var objects = false

    @Flag(help: "Print JSON.")
    var json = false

    func run() async throws {
        let command = self
        let faultCount = try await CommandThread.run { try command.check() }
        if faultCount > 0 { throw ExitCode.failure }
    }

    private func check() throws -> Int {
        let repository = try arguments.open()
        let verifier = RepositoryVerifier(
            repository: repository.name,
            source: repository.source,
            keys: repository.keys,
            cache: repository.cache,
            now: OpenRepository.now(),
            options: .init(
                hashesObjects: objects,
                directory: repository.directory,
                scratch: repository.scratch
            )
        )
        let progress = ProgressLine()
        var faults: [CheckReport.Fault] = []
        let summary = verifier.run(onProgress: { catalogs, entries in
            progress.show("\(catalogs) catalogs, \(entries) entries")
        }) { fault in
            if json {
                faults.append(.init(rule: fault.rule.rawValue, path: fault.path, detail: fault.detail))
            } else {
                progress.clear()
                StandardStream.output.write("\(fault)\n")
            }
        }
        progress.clear()
        if json {
            try JSONOutput.write(
                CheckReport(repository: repository.name.name, summary: summary, faults: faults)
            )
        } else {
            StandardStream.output.write(Self.text(repository.name.name, summary))
        }
        return summary.faults
    }

    private static func text(_ name: String, _ summary: RepositoryVerifier.Summary) -> String {
        let extent = "\(summary.catalogs) catalogs, \(summary.entries) entries, \(summary.objects) objects"
        let revision = summary.revision.map { " at revision \($0)" } ?? ""
        let result = summary.faults == 0 ? "no faults" : "\(summary.faults) faults"
        return "\(name)\(revision): \(extent): \(result)\n"
    }
}

/// The JSON of a verification.
private struct CheckReport: Encodable {
    struct Fault: Encodable {
        let rule: String
        let path: String
        let detail: String
    }

    let repository: String
    let revision: UInt64?
    let catalogs: Int
    let entries: Int64
    let objects: Int
    let faults: [Fault]

    init(repository: String, summary: RepositoryVerifier.Summary, faults: [Fault]) {
        self.repository = repository
        revision = summary.revision
        catalogs = summary.catalogs
        entries = summary.entries
        objects = summary.objects
        self.faults = faults
    }
}
