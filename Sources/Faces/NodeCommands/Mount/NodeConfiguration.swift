// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CVMFSFormat
internal import ClientConfiguration

#if canImport(Glibc)
internal import Glibc
#endif

/// What a node's files say of one repository.
struct NodeConfiguration {
    /// Where the files are.
    static let directory = "/etc/cvmfs"

    private(set) var parameters = ParameterSet()
    /// What was passed over in the files, and why.
    private(set) var notes: [String] = []
    /// The files that were read, in order.
    private(set) var files: [String] = []

    /// Reads the files that there are.
    ///
    /// - Parameters:
    ///   - repository: its name; `nil` for what holds for all.
    ///   - directory: where the files are.
    ///   - configurationRepository: given its name and mount point, makes its files readable.
    /// - Throws: `configurationRepository` if it is required and cannot be had.
    init(
        of repository: RepositoryFQRN?,
        in directory: String = Self.directory,
        configurationRepository: (_ name: String, _ mountpoint: String) -> SettingProblem? = { _, _ in nil }
    ) throws(SettingProblem) {
        var places = ConfigurationFiles.general(in: directory)
        if let repository {
            parameters.set("CVMFS_FQRN", to: repository.name, from: .program)
            places = ConfigurationFiles.places(of: repository.name, domain: repository.domain, in: directory)
        }
        var root: String?
        // The repository may be named by any file before the one that is asked for.
        var known: String?
        for place in places {
            switch place {
            case .file(let path): read(path)
            case .directory(let path): for file in SmallFile.names(in: path, endingIn: ".conf") { read(file) }
            case .configurationRepository(let path):
                if let name = parameters["CVMFS_CONFIG_REPOSITORY"], name != known {
                    root = try self.root(for: repository?.name, configurationRepository)
                    known = name
                }
                if let root { read(root + "/" + path) }
            }
        }
    }

    /// The name of a repository, with the default domain if it has none.
    static func repository(_ name: String, in directory: String = Self.directory) -> RepositoryFQRN? {
        if name.contains(".") { return RepositoryFQRN(name) }
        // The default domain can only stand in files that are for all repositories.
        guard let configuration = try? Self(of: nil, in: directory),
            let domain = configuration.parameters["CVMFS_DEFAULT_DOMAIN"], !domain.isEmpty
        else { return RepositoryFQRN(name) }
        return RepositoryFQRN("\(name).\(domain)")
    }

    /// Brings in `-o CVMFS_NAME=value`.
    mutating func set(_ name: String, to value: String) {
        parameters.set(name, to: value, from: .commandLine)
    }

    private mutating func read(_ path: String) {
        guard let content = SmallFile.read(path) else { return }
        files.append(path)
        let notes = ConfigurationScript.evaluate(
            String(decoding: content, as: UTF8.self),
            path: path,
            into: &parameters,
            Self.surroundings
        )
        self.notes += notes.map(\.description)
    }

    /// Where the configuration repository is mounted; `nil` if there is none.
    private mutating func root(
        for repository: String?,
        _ prepare: (String, String) -> SettingProblem?
    ) throws(SettingProblem) -> String? {
        guard let name = parameters["CVMFS_CONFIG_REPOSITORY"], !name.isEmpty, name != repository else {
            return nil
        }
        let mountpoint = parameters.mountDirectory + "/" + name
        if let problem = prepare(name, mountpoint) {
            if ParameterSet.isTrue(parameters["CVMFS_CONFIG_REPO_REQUIRED"] ?? "no") { throw problem }
            notes.append("\(problem)")
            return nil
        }
        return mountpoint
    }

    private static let surroundings = ConfigurationScript.Surroundings(
        environment: ProcessEnvironment.all,
        holds: { test, path in
            var status = stat()
            guard stat(path, &status) == 0 else { return false }
            switch test {
            case "f": return status.st_mode & S_IFMT == S_IFREG
            case "d": return status.st_mode & S_IFMT == S_IFDIR
            case "s": return status.st_size > 0
            case "r": return access(path, R_OK) == 0
            case "x": return access(path, X_OK) == 0
            default: return true
            }
        }
    )
}

/// The variables of this process.
enum ProcessEnvironment {
    /// All of them.
    static var all: [String: String] {
        var variables: [String: String] = [:]
        var next = environ
        while let entry = next.pointee {
            let text = String(cString: entry)
            if let equals = text.firstIndex(of: "=") {
                variables[String(text[..<equals])] = String(text[text.index(after: equals)...])
            }
            next += 1
        }
        return variables
    }
}
