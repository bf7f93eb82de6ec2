// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import BlobStorage
internal import MetadataStoreSQLite
internal import NIOPosix
internal import RegistryImport
internal import ServerAssembly

/// The command `wharfd admin import`.
struct AdminImportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Take over the storage of another registry.",
        discussion: """
            Blobs are linked where both directories are on one file system, else copied;
            every one is hashed first. It can be stopped and run again, and then does only
            what is left. No server may run on the data directory. The status is 1 if
            anything was refused.

            Example:
              wharf admin import --from distribution /var/lib/registry --data /srv/wharf
            """
    )

    /// The kinds of storage that are understood.
    enum Kind: String, ExpressibleByArgument, CaseIterable {
        case distribution
        case layout = "oci-layout"
        case zot
    }

    @Option(help: "What the directory is: distribution (also Harbor's storage), oci-layout or zot.")
    var from: Kind

    @Argument(help: "The directory of the other registry.")
    var directory: String

    @Option(help: "The data directory; made if it is new.")
    var data = "./wharf-data"

    @Option(help: ArgumentHelp("What to call the repository of a single OCI layout.", valueName: "name"))
    var repository: String?

    @Flag(help: "Take indexes whose children are not all there.")
    var allowSparse = false

    @Flag(help: "Leave tags that exist where they point to; else they follow the source.")
    var keepTags = false

    @Option(help: ArgumentHelp("The largest manifest that is taken.", valueName: "size"))
    var manifestLimit = "4MiB"

    @Flag(help: "Print JSON.")
    var json = false

    func validate() throws {
        guard repository == nil || from == .layout else {
            throw ValidationError(
                "--repository is for a single oci-layout; others name their repositories themselves"
            )
        }
        guard let limit = SizeText.inBytes(manifestLimit), (64 << 10...64 << 20).contains(limit) else {
            throw ValidationError("'\(manifestLimit)' is not a size from 64KiB to 64MiB")
        }
    }

    func run() async throws {
        let source: any ImportSource =
            switch from {
            case .distribution: try DistributionTree(directory)
            case .layout, .zot: try LayoutTree(directory, name: repository)
            }
        var options = ImportRegistry.Options()
        options.allowsSparseIndexes = allowSparse
        options.keepsTags = keepTags
        options.manifestSizeLimitInBytes = SizeText.inBytes(manifestLimit).map { Int($0) } ?? 4 << 20
        let report = try await Self.run(source, options, data: DataDirectory(opening: data))
        if json { try JSONOutput.write(report) } else { StandardStream.output.write(Self.text(of: report)) }
        guard report.refused.isEmpty else { throw ExitCode.failure }
    }

    private static func run(
        _ source: any ImportSource,
        _ options: ImportRegistry.Options,
        data: DataDirectory
    ) async throws -> ImportReport {
        try await CommandThread.run {
            let threads = NIOThreadPool(numberOfThreads: 1)
            threads.start()
            let importing = ImportRegistry(
                source,
                blobs: try DirectoryBlobStorage(root: data.path, threads: threads),
                metadata: try SQLiteMetadataStore(path: data.database),
                now: OpenData.now,
                options: options
            )
            let line = ProgressLine()
            defer { line.clear() }
            return try importing { repository, report in
                line.show("\(repository): \(report.manifests) manifests, \(report.bytes >> 20) MiB so far")
            }
        }
    }

    static func text(of report: ImportReport) -> String {
        var text = ""
        for refusal in report.refused {
            text +=
                "refused: \(Self.printable("\(refusal.repository): \(refusal.subject): \(refusal.reason)"))\n"
        }
        text += """
            \(report.repositories) repositories
            \(report.manifests) manifests imported, \(report.manifestsPresent) were there
            \(report.tags) tags set, \(report.tagsKept) left as they were
            \(report.blobsLinked) blobs linked, \(report.blobsCopied) copied (\(report.bytes) bytes), \(report.blobsPresent) times there
            \(report.refused.count) refused

            """
        if !report.projects.isEmpty { text += "projects made: \(report.projects.joined(separator: ", "))\n" }
        if report.childrenMissing > 0 {
            text += "\(report.childrenMissing) children of sparse indexes are missing\n"
        }
        return text
    }

    /// Names of a foreign directory may hold anything; a terminal must not see it.
    private static func printable(_ text: String) -> String {
        String(
            text.unicodeScalars.map {
                $0.value < 0x20 || (0x7F...0x9F).contains($0.value) ? "?" : Character($0)
            }
        )
    }
}
