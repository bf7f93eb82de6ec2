// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CVMFSFormat
internal import CVMFSReader
internal import ClientConfiguration
internal import MountClient
internal import TransferPlanning

#if canImport(Glibc)
internal import Glibc
#endif

/// Everything that a mount needs to know, after flags, `-o` and /etc/cvmfs were brought together: flags win over
/// `-o`, and both over the files.
struct MountSettings {
    var repository: RepositoryFQRN
    /// Base addresses, or one directory.
    var servers: [String] = []
    var externalServers: [String] = []
    var publicKeys: [String] = []
    var cacheDirectory: String
    var cacheLimitInBytes: Int64 = 4 << 30
    /// Another kind of cache than the directory above.
    var cacheChoice: CachePlan?
    /// Whether contents of files are fetched for each reader anew.
    var isStreaming = false
    var workspaceDirectory: String?
    var network = NetworkSettings()
    /// All proxies that may be used, for those who look for the cause of trouble.
    var proxies: [String] { network.proxyAddresses.map(\.description) }
    /// The revision to show.
    var choice = RevisionChoice.newest
    /// Whether a file server hands the mount on to clients of its own.
    var isExported = false
    /// Where its nodes are recorded; `nil` for the cache directory.
    var exportDirectory: String?
    /// Where the log of a mount in the background goes; `nil` to find out.
    var log: MountLog.Target?
    /// The file of the log, if it goes to one; `nil` for the one beside the cache.
    var namedLogFile: String?
    /// A file that is kept up to date with the numbers of the mount.
    var metricsFile: String?
    var options = MountOptions()
    /// The parameters that all this was made of, with their places.
    let parameters: ParameterSet
    /// What in the files has no effect.
    let warnings: [String]

    /// Brings files and the words of `-o` together.
    ///
    /// - Parameters:
    ///   - repository: its name.
    ///   - words: the elements of all `-o` lists, in order.
    ///   - configuration: what the node's files say.
    ///   - keyDirectory: where keys are installed.
    /// - Throws: `option`.
    init(
        repository: RepositoryFQRN,
        words: [String],
        configuration: NodeConfiguration,
        keyDirectory: String = NodeConfiguration.directory + "/keys"
    ) throws(SettingProblem) {
        self.repository = repository
        cacheDirectory = getuid() == 0 ? "/var/cache/wharf" : Self.homeCache
        var configuration = configuration
        var wharfWords: [(name: String, value: String)] = []
        for word in words {
            let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let (name, value) = (String(parts[0]), parts.count > 1 ? String(parts[1]) : "on")
            if name.hasPrefix("CVMFS_") {
                configuration.set(name, to: value)
            } else {
                wharfWords.append((name, value))
            }
        }
        parameters = configuration.parameters
        warnings = configuration.notes + ParameterTable.warnings(for: parameters)
        try apply(parameters)
        if publicKeys.isEmpty { publicKeys = Self.installedKeys(repository, keyDirectory, parameters) }
        for (name, value) in wharfWords { try apply(name, value) }
        options.variables = Self.variables(parameters)
    }

    /// Brings in the parameters of the stock client.
    private mutating func apply(_ parameters: ParameterSet) throws(SettingProblem) {
        try applyNetwork(parameters)
        try applyCache(parameters)
        try applyFileSystem(parameters)
        try applyProcess(parameters)
        if let list = parameters["CVMFS_PUBLIC_KEY"] {
            publicKeys = list.split(separator: ":").map { String($0) }
        }
    }

    /// Brings in one of our own options, which are also the long flags.
    mutating func apply(_ name: String, _ value: String) throws(SettingProblem) {
        if try applyNetworkOption(name, value) { return }
        if try applyCacheOption(name, value) { return }
        if try applyFileSystemOption(name, value) { return }
        if try applyProcessOption(name, value) { return }
        switch name {
        case "public-key": publicKeys = value.split(separator: ":").map { String($0) }
        case "tag": choice = .tag(value)
        case _ where Self.wordsOfEveryMount.contains(name): break
        // What other programs read in fstab.
        case _ where name.hasPrefix("x-") || name.hasPrefix("X-") || name == "comment": break
        default:
            throw SettingProblem(
                .option,
                "the option '\(name)' is not known",
                remedy: "see wharf mount --help"
            )
        }
    }

    /// What mount(8) and fstab pass on; mounts are read-only and without devices in any case.
    static let wordsOfEveryMount: Set = [
        "ro", "nodev", "allow_other", "default_permissions", "noauto", "auto", "_netdev", "defaults",
        "nofail", "user", "users", "dev", "async", "rw", "relatime", "noatime", "nouser", "owner", "group",
        "sync",
        "diratime", "nodiratime", "norelatime", "strictatime", "nostrictatime", "lazytime", "nolazytime",
    ]

    func expand(_ list: String, separator: Character) -> [String] {
        list.split(separator: separator).map { element in
            Self.replace(
                "@org@",
                by: repository.organisation,
                in: Self.replace("@fqrn@", by: repository.name, in: String(element))
            )
        }
    }

    private static func replace(_ mark: String, by text: String, in template: String) -> String {
        var result = ""
        var rest = Substring(template)
        while !rest.isEmpty {
            if rest.hasPrefix(mark) {
                result += text
                rest = rest.dropFirst(mark.count)
            } else {
                result.append(rest.removeFirst())
            }
        }
        return result
    }

    private static func installedKeys(
        _ repository: RepositoryFQRN,
        _ keys: String,
        _ parameters: ParameterSet
    ) -> [String] {
        if let directory = parameters["CVMFS_KEYS_DIR"] {
            return SmallFile.names(in: directory, endingIn: ".pub")
        }
        let places = [
            "\(keys)/\(repository).pub", "\(keys)/\(repository.domain).pub",
            "/etc/wharf/keys/\(repository).pub",
        ]
        let single = places.filter { access($0, R_OK) == 0 }
        if !single.isEmpty { return single }
        return SmallFile.names(in: keys + "/" + repository.domain, endingIn: ".pub")
            + SmallFile.names(in: keys, endingIn: ".pub")
    }

    /// What `$(NAME)` in links stands for: the parameters, and the machine's architecture in the registry's words.
    private static func variables(_ parameters: ParameterSet) -> [String: String] {
        var variables = parameters.values
        if variables["CVMFS_ARCH"] == nil {
            #if arch(arm64)
            variables["CVMFS_ARCH"] = "arm64"
            #else
            variables["CVMFS_ARCH"] = "amd64"
            #endif
        }
        return variables
    }

    private static var homeCache: String {
        (getenv("HOME").map { String(cString: $0) } ?? "/tmp") + "/.cache/wharf"
    }

    func number(_ name: String, _ parameters: ParameterSet) throws(SettingProblem) -> Int64? {
        guard let text = parameters[name], !text.isEmpty else { return nil }
        guard let number = Int64(text), number < Int64(Int32.max) else {
            throw SettingProblem(.option, "\(name)=\(text) is no number")
        }
        return number
    }

    static func isTrue(_ text: String) -> Bool { ParameterSet.isTrue(text) }
}
