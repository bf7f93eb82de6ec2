// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import CVMFSReader
internal import Digests
internal import ObjectCache

/// `wharf client cache pin`.
struct CachePinCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pin",
        abstract: "Fetch what is at paths of a repository, and keep it until it is unpinned.",
        discussion: """
            What is pinned is what the paths hold now. After a new revision, pin them
            again: objects that they no longer need are let go.

            Example:
              wharf client cache pin unpacked.example.org /registry.example.org/team/app:1.2
            """
    )

    @OptionGroup var choice: RepositoryChoice

    @Option(help: "How many objects are fetched at a time.")
    var jobs = 8

    @Argument(help: "Paths in the repository, with everything below them; links are followed.")
    var paths: [String]

    func run() throws {
        let request = try choice.request()
        let settings = try request.settings()
        guard case .kept(let directory, let limit) = settings.cachePlan else {
            throw SettingProblem(
                .cache,
                "only a cache of our own can pin",
                remedy: "name its directory with --cache"
            )
        }
        let report: @Sendable (String) -> Void = { StandardError.print("wharf: \($0)") }
        let cache = try CachePlan.kept(directory: directory, limitInBytes: limit).open(report)
        guard let cache = cache as? ObjectCache else { preconditionFailure("a kept cache is of our own") }
        let reader = try choice.reader(request, settings, cache, report)
        let tree = try TreeObjects(reader, settings.choice)
        for path in paths {
            var names: Set<ContentHash> = []
            let fetching = ObjectFetching(reader.objects, jobs: jobs, verb: "pinning")
            let count = try tree.visit(tree.selection(of: path)) { wanted in
                names.insert(wanted.hash)
                fetching.add(wanted)
            }
            let result = try fetching.finish()
            guard count > 0 else {
                throw SettingProblem(.path, "there is no \(path) in \(choice.repository)")
            }
            try cache.pin(names, as: "\(choice.repository) \(path)")
            print("pinned \(path): \(names.count) objects, \(SizeText.of(result.bytes))")
        }
    }
}

/// `wharf client cache unpin`.
struct CacheUnpinCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "unpin",
        abstract: "Let what was pinned go when room is needed.",
        discussion: """
            Example:
              wharf client cache unpin unpacked.example.org \\
                  /registry.example.org/team/app:1.2
            """
    )

    @OptionGroup var place: CachePlace

    @Argument(help: "The repository's name.")
    var repository: String

    @Argument(help: "Paths as they were pinned; all of the repository if there is none.")
    var paths: [String] = []

    func run() throws {
        let cache = try place.open()
        let all = cache.pins.map(\.label).filter { $0.hasPrefix(repository + " ") }
        let labels = paths.isEmpty ? all : paths.map { "\(repository) \($0)" }
        for label in labels where try !cache.unpin(label) {
            throw SettingProblem(
                .path,
                "'\(label)' is not pinned",
                remedy: "wharf client cache stat lists what is"
            )
        }
        print("unpinned \(labels.count) of \(all.count)")
    }
}
