// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import AsyncHTTPClient
internal import BlobStorage
internal import DataBackup
internal import Foundation
internal import MetadataStore
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import ServerAssembly

/// The command `wharfd admin restore`.
struct AdminRestoreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore",
        abstract: "Put a backup in place, in a data directory without a database.",
        discussion: """
            Put blobs/, repositories/ and layers/ back first, if there is a copy of them.
            Clients refuse to go back to an older revision, so every repository goes on
            after the newest revision that is visible: in the data directory, and at the
            addresses of replicas or caches that --visible names (@fqrn@ stands for the
            repository's name). The status is 1 if blobs are missing, which are named.

            Example:
              wharf admin restore /backup/wharf-monday --data /srv/wharf \\
                  --visible http://stratum1.example.org/cvmfs/@fqrn@
            """
    )

    @Argument(help: "The backup.")
    var backup: String

    @Option(help: "The data directory; made if it is new.")
    var data = "./wharf-data"

    @Option(help: ArgumentHelp("Where a repository may still be seen; may be repeated.", valueName: "url"))
    var visible: [String] = []

    @Flag(help: "Print JSON.")
    var json = false

    func run() async throws {
        let description = try BackupDescription(ofBackup: backup)
        let seen = try await Self.manifests(of: description.repositories.map(\.name), at: visible)
        let directory = try DataDirectory(opening: data)
        let backup = backup
        let report = try await CommandThread.run {
            let threads = NIOThreadPool(numberOfThreads: 1)
            threads.start()
            let blobs = try DirectoryBlobStorage(root: directory.path, threads: threads)
            return try BackupRestore(backup: backup, data: directory.path, blobs: blobs)
                .run(
                    visible: seen,
                    imageRepository: Server.defaultRepository,
                    now: Int64(Date().timeIntervalSince1970)
                )
        }
        if json { try JSONOutput.write(report) } else { StandardStream.output.write(Self.text(of: report)) }
        guard report.missing.isEmpty else { throw ExitCode.failure }
    }

    /// The newest manifest of each repository that the addresses still show.
    ///
    /// - Throws: `notVisible` if one does not answer: a guess might go back behind what clients have seen.
    private static func manifests(of names: [String], at addresses: [String]) async throws -> [String:
        [UInt8]]
    {
        var found: [String: [UInt8]] = [:]
        for name in names {
            for address in addresses {
                let url = address.replacing("@fqrn@", with: name) + "/.cvmfspublished"
                guard let letter = try await letter(at: url) else { continue }
                if (VisibleRevision.number(of: found[name] ?? []) ?? 0)
                    < (VisibleRevision.number(of: letter) ?? 0)
                {
                    found[name] = letter
                }
            }
        }
        return found
    }

    private static func letter(at url: String) async throws -> [UInt8]? {
        do {
            let response = try await HTTPClient.shared.execute(
                HTTPClientRequest(url: url),
                timeout: .seconds(20)
            )
            if response.status == .notFound { return nil }
            guard response.status == .ok else {
                throw AdminProblem(.notVisible, "status \(response.status.code)")
            }
            return [UInt8](buffer: try await response.body.collect(upTo: 1 << 20))
        } catch {
            throw AdminProblem(
                .notVisible,
                "\(url) does not say which revision clients may have seen",
                remedy: "make it reachable, or leave --visible away if nobody has seen it",
                cause: error
            )
        }
    }

    static func text(of report: BackupRestore.Report) -> String {
        var text = ""
        for repository in report.repositories {
            text += "\(repository.name): "
            switch (repository.revision, repository.isRebuilt) {
            case (let revision?, true):
                text +=
                    "its objects are gone; revision \(revision) is empty, images are published anew by the server\n"
            case (let revision?, false): text += "goes on at revision \(revision)\n"
            case (nil, _):
                text += "its objects are gone; put repositories/\(repository.name) back, or publish it anew\n"
            }
        }
        for blob in report.missing.prefix(100) {
            let hurt = blob.manifests.flatMap { use in
                use.tags.isEmpty
                    ? ["\(use.repository)@\(use.digest)"] : use.tags.map { "\(use.repository):\($0)" }
            }
            text += "missing: \(blob.digest), needed by \(hurt.prefix(5).joined(separator: ", "))\n"
        }
        text += "\(report.blobs) blobs are needed, \(report.missing.count) are missing.\n"
        if !report.missing.isEmpty {
            text +=
                "Copy them to blobs/, or run 'wharf admin scrub', after which the next push brings them back.\n"
        }
        return text
    }
}
