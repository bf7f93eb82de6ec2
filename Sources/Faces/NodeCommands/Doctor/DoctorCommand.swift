// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import CVMFSFormat
internal import ClientConfiguration

/// `wharf doctor`.
struct DoctorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Find out why a repository cannot be mounted or read, and how to mend it.",
        discussion: """
            Looks, in this order, at FUSE, permissions, configuration, names, proxies,
            servers, the clock, keys, the whitelist, the manifest, the disk, the cache's
            limit and the mounts. Without a name: those of CVMFS_REPOSITORIES and what
            is mounted. Takes the options of wharf mount, to try them before.

            Example:
              wharf doctor atlas.cern.ch
            """
    )

    @OptionGroup var options: MountFlags

    @Flag(
        help:
            "Print a report for the support: findings, parameters, mounts and the end of the logs, without secrets."
    )
    var report = false

    @Flag(help: "Print JSON.")
    var json = false

    @Argument(help: "The repository's name.")
    var repository: String?

    /// What is printed as JSON.
    private struct Patient: Encodable {
        let repository: String
        let findings: [Finding]
    }

    func run() throws {
        let node = NodeChecks.all()
        var patients = [Patient(repository: "", findings: node)]
        let requests = try names().map { (name: $0, request: try options.request(for: $0)) }
        for (name, request) in requests {
            patients.append(Patient(repository: name, findings: Examination(request).findings()))
        }
        let findings = patients.flatMap(\.findings)
        let wrong = findings.filter { $0.verdict == .wrong }.count
        if json {
            try JSONOutput.write(patients)
        } else {
            for patient in patients {
                if !patient.repository.isEmpty { print("\n\(patient.repository)") }
                for line in patient.findings.flatMap(\.lines) { print(line) }
            }
            print(wrong == 0 ? "\nNothing is wrong." : "\n\(wrong) of \(findings.count) checks failed.")
            if report { print(SupportReport.text(for: requests.map(\.request))) }
        }
        if wrong > 0 { throw ExitCode.failure }
    }

    private func names() throws -> [String] {
        if let repository { return [repository] }
        var names = MountTable.fuseMounts().map(\.repository)
        names += try NodeConfiguration(of: nil).parameters.repositories.map {
            NodeConfiguration.repository($0)?.name ?? $0
        }
        var seen: Set<String> = []
        return names.filter { seen.insert($0).inserted }
    }
}
