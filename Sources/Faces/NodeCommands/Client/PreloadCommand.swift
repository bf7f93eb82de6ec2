// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import CVMFSReader
internal import ObjectCache

/// `wharf client preload`.
struct PreloadCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "preload",
        abstract: "Fill a cache with a repository, or with chosen paths of it, before anybody needs them.",
        discussion: """
            The list has one path in each line: with everything below it, * and ? stand for
            parts of one name, a leading ! excludes, # begins a comment. Catalogs on the
            way are fetched too, so that the paths can be found without a network. With
            --alien the cache is one that stock clients can use at the same time. Run
            again, it fetches only what is missing.

            Example:
              wharf client preload software.example.org --include wanted.txt --alien \\
                  /shared/cvmfs-cache
            """
    )

    @OptionGroup var choice: RepositoryChoice

    @Option(help: "File with the paths that are wanted; the whole repository if nothing is said.")
    var include: String?

    @Option(help: "Directory of an alien cache, to fill that instead.")
    var alien: String?

    @Option(help: "How many objects are fetched at a time.")
    var jobs = 8

    @Flag(help: "Print what was done as JSON.")
    var json = false

    func validate() throws {
        if choice.flags.cache != nil, alien != nil {
            throw ValidationError("choose one of --cache and --alien")
        }
    }

    func run() throws {
        let request = try choice.request()
        let settings = try request.settings()
        let report: @Sendable (String) -> Void = { StandardError.print("wharf: \($0)") }
        let plan = alien.map { CachePlan.alien(directory: $0) } ?? settings.cachePlan
        let reader = try choice.reader(request, settings, try plan.open(report), report)
        let tree = try TreeObjects(reader, settings.choice)
        let fetching = ObjectFetching(reader.objects, jobs: jobs, verb: "preloaded")
        let entries = try tree.visit(try selection()) { fetching.add($0) }
        let result = try fetching.finish()
        guard entries > 0 else {
            throw SettingProblem(
                .path,
                "no path of \(choice.repository) is in the list",
                remedy: "write paths from the root of the repository, such as /software/app"
            )
        }
        print(
            json
                ? "{\"entries\":\(entries),\"objects\":\(result.count),\"bytes\":\(result.bytes)}"
                : "\(entries) entries, \(result.count) objects, \(SizeText.of(result.bytes))"
        )
    }

    private func selection() throws -> PathSelection {
        guard let include else { return .everything }
        guard let content = SmallFile.read(include) else {
            throw SettingProblem(.path, "the list \(include) cannot be read")
        }
        return PathSelection(list: String(decoding: content, as: UTF8.self))
    }
}
