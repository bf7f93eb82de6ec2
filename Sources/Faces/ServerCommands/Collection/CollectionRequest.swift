// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import BlobStorage
internal import Foundation
internal import GarbageCollection
internal import Logging
internal import MetadataStore
internal import MetadataStoreSQLite
internal import NIOPosix
internal import ServerAssembly

/// Asks for a collection: the running server, or with the data directory's lock this process itself.
struct CollectionRequest {
    /// The directory, and the graces that count where no server runs.
    let configuration: ServerConfiguration
    let json: Bool

    private var data: String { configuration.dataDirectory }

    private static let call = "/wharf/collection"

    /// Reads the settings as the server does: flags, environment, file.
    ///
    /// - Throws: `ConfigurationProblem` with all faults.
    init(config: String?, data: String?, json: Bool) throws {
        var flags: [String: String] = [:]
        flags["data"] = data
        let sources = ConfigurationSources(
            flags: flags,
            environment: ProcessInfo.processInfo.environment,
            file: config
        )
        configuration = try sources.configuration()
        self.json = json
    }

    /// Runs over a subject, or all, and shows what was done.
    func collect(_ subject: String?, isDryRun: Bool) async throws {
        try requireData()
        let report = try await RunningServer.orAlone(data: data) { directory in
            let desk = try desk(directory)
            return try await CommandThread.run {
                try desk.begin()
                // The log of a command is its output.
                let logger = Logger(label: "wharf") { _ in SwiftLogNoOpLogHandler() }
                return try CollectionReport.make(subject, isDryRun: isDryRun, at: desk, logger: logger)
            }
        } through: { server in
            var query = "?dryRun=\(isDryRun)"
            // Names of repositories need no escaping.
            if let subject { query += "&subject=\(subject)" }
            let answer = try await server.call("POST", Self.call + query, body: [])
            return try JSONDecoder().decode(CollectionReport.self, from: Data(answer))
        }
        if json { return try JSONOutput.write(report) }
        StandardStream.output.write(Self.text(report))
    }

    /// Shows the run that is under way and those before.
    func showState() async throws {
        try requireData()
        let state = try await RunningServer.orAlone(data: data) { directory in
            let desk = try desk(directory)
            return try await CommandThread.run { try desk.overview() }
        } through: { server in
            let answer = try await server.call("GET", Self.call, body: [])
            return try JSONDecoder().decode(CollectionState.self, from: Data(answer))
        }
        if json { return try JSONOutput.write(state) }
        var table = TextTable(["STARTED", "SUBJECT", "OUTCOME", "SEEN", "MARKED", "REMOVED", "FREED"])
        for run in ([state.current].compactMap { $0 } + state.runs) { table.add(Self.row(run)) }
        StandardStream.output.write(table.text)
    }

    private func requireData() throws {
        guard access(data + "/wharf.db", F_OK) == 0 else { throw AdminProblem.noData(in: data) }
    }

    private func desk(_ directory: DataDirectory) throws -> CollectionDesk {
        let metadata = try SQLiteMetadataStore(path: directory.database)
        let threads = NIOThreadPool(numberOfThreads: 2)
        threads.start()
        return CollectionSetup.desk(
            configuration,
            data: directory,
            blobs: try DirectoryBlobStorage(root: directory.path, threads: threads),
            metadata: metadata,
            writing: { name, job in
                try CollectionSetup.withOwnWriter(of: name, data: directory.path, metadata: metadata, job)
            },
            onChange: { _ in }
        )
    }

    // MARK: Showing

    private static func text(_ report: CollectionReport) -> String {
        var text = ""
        for item in report.items {
            let place = item.repository.isEmpty ? "" : " of \(item.repository)"
            text += "\(item.kind) \(item.name)\(place) (\(item.size) bytes): \(item.reason)\n"
        }
        if report.moreItems > 0 { text += "… and \(report.moreItems) more\n" }
        for run in report.runs {
            let verb = run.isDryRun ? "would remove" : "removed"
            let more = run.isDryRun ? "" : "; newly found unneeded: \(run.marked)"
            text += "\(run.subject): \(verb) \(removed(run)), \(run.freedBytes) bytes\(more).\n"
        }
        return text
    }

    private static func row(_ run: CollectionRun) -> [String] {
        [
            TextTable.moment(run.started), run.subject, run.outcome.rawValue, "\(run.seen)", "\(run.marked)",
            removed(run),
            "\(run.freedBytes)",
        ]
    }

    private static func removed(_ run: CollectionRun) -> String {
        let kinds = run.removed.filter { $0.value > 0 }.sorted { $0.key < $1.key }
        return kinds.isEmpty ? "nothing" : kinds.map { "\($0.value) \($0.key)" }.joined(separator: ", ")
    }
}
