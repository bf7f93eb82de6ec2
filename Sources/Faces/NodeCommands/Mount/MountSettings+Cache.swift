// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import ClientConfiguration

/// Where objects are kept, and how many.
///
/// - Source: cvmfs-format H.2 "Cache", H.9, H.10.
extension MountSettings {
    /// What is opened for objects.
    var cachePlan: CachePlan {
        cacheChoice ?? .kept(directory: cacheDirectory, limitInBytes: cacheLimitInBytes)
    }

    /// Where the log and the revisions that were seen are.
    var workspace: String { workspaceDirectory ?? cacheDirectory }

    /// Brings in the parameters of the stock client that are about the cache.
    ///
    /// Our objects lie in a directory of their own below the one that a stock client would use, since its index and
    /// ours know nothing of each other.
    mutating func applyCache(_ parameters: ParameterSet) throws(SettingProblem) {
        if let base = parameters["CVMFS_CACHE_BASE"] {
            let isShared = parameters["CVMFS_SHARED_CACHE"].map(Self.isTrue) ?? true
            cacheDirectory = base + (isShared ? "/wharf" : "/wharf.\(repository)")
        }
        if let directory = parameters["CVMFS_CACHE_DIR"] { cacheDirectory = directory + "/wharf" }
        if let limit = try quota("CVMFS_QUOTA_LIMIT", parameters) { cacheLimitInBytes = limit }
        if let directory = parameters["CVMFS_ALIEN_CACHE"], !directory.isEmpty {
            cacheChoice = .alien(directory: directory)
        }
        if let name = parameters["CVMFS_CACHE_PRIMARY"], name != "default" {
            cacheChoice = try instance(name, parameters, depth: 0)
        }
        if let value = parameters["CVMFS_STREAMING_CACHE"] { isStreaming = Self.isTrue(value) }
        if let directory = parameters["CVMFS_WORKSPACE"], !directory.isEmpty {
            workspaceDirectory = directory
        }
    }

    /// Brings in one of our own options if it is about the cache; returns whether it was.
    mutating func applyCacheOption(_ name: String, _ value: String) throws(SettingProblem) -> Bool {
        switch name {
        // Another kind of cache that was chosen stays; this is then where its log is.
        case "cache": cacheDirectory = value
        case "cache-limit": cacheLimitInBytes = value == "none" ? Int64.max : try Self.byteCount(value)
        case "alien-cache": cacheChoice = .alien(directory: value)
        case "ram-cache": cacheChoice = .memory(limitInBytes: try Self.byteCount(value))
        case "streaming": isStreaming = Self.isTrue(value)
        case "workspace": workspaceDirectory = value
        default: return false
        }
        return true
    }

    /// A limit in megabytes; `-1` is none.
    private func quota(_ name: String, _ parameters: ParameterSet) throws(SettingProblem) -> Int64? {
        guard let megabytes = try number(name, parameters), megabytes != 0 else { return nil }
        return megabytes < 0 ? Int64.max : megabytes << 20
    }

    /// The plan of a named instance.
    private func instance(
        _ name: String,
        _ parameters: ParameterSet,
        depth: Int
    ) throws(SettingProblem) -> CachePlan {
        let prefix = "CVMFS_CACHE_\(name)_"
        switch parameters[prefix + "TYPE"] ?? "posix" {
        case "posix": return try directoryInstance(name, parameters)
        case "ram": return .memory(limitInBytes: try memorySize(prefix + "SIZE", parameters))
        case "tiered":
            guard depth < 4, let upper = parameters[prefix + "UPPER"],
                let lower = parameters[prefix + "LOWER"]
            else {
                throw SettingProblem(
                    .option,
                    "the tiered cache '\(name)' has no two tiers",
                    remedy: "name them in \(prefix)UPPER and \(prefix)LOWER; tiers may not contain themselves"
                )
            }
            let isReadOnly = parameters[prefix + "LOWER_READONLY"].map(Self.isTrue) ?? false
            var below = try instance(lower, parameters, depth: depth + 1)
            // A directory that may not be written has no index of ours, whoever filled it.
            if isReadOnly, case .kept = below, let directory = parameters["CVMFS_CACHE_\(lower)_DIR"] {
                below = .readOnly(directory: directory)
            }
            if isReadOnly, case .alien(let directory) = below { below = .readOnly(directory: directory) }
            return .tiered(
                upper: try instance(upper, parameters, depth: depth + 1),
                lower: below,
                writesLower: !isReadOnly
            )
        case "external":
            throw SettingProblem(
                .option,
                "the cache '\(name)' is a plugin of the stock client",
                remedy: "set \(prefix)TYPE to posix, ram or tiered"
            )
        case let type:
            throw SettingProblem(
                .option,
                "the cache '\(name)' has the unknown type '\(type)'",
                remedy: "use posix, ram or tiered"
            )
        }
    }

    private func directoryInstance(
        _ name: String,
        _ parameters: ParameterSet
    ) throws(SettingProblem) -> CachePlan {
        let prefix = "CVMFS_CACHE_\(name)_"
        if let directory = parameters[prefix + "ALIEN"], !directory.isEmpty {
            return .alien(directory: directory)
        }
        let isShared = parameters[prefix + "SHARED"].map(Self.isTrue) ?? true
        var directory = cacheDirectory
        if name != "default" { directory += ".\(name)" }
        if let base = parameters[prefix + "BASE"] {
            directory = base + (isShared ? "/wharf" : "/wharf.\(repository)")
        }
        if let own = parameters[prefix + "DIR"] { directory = own + "/wharf" }
        let limit = try quota(prefix + "QUOTA_LIMIT", parameters) ?? cacheLimitInBytes
        return .kept(directory: directory, limitInBytes: limit)
    }

    /// Megabytes, or a share of the machine's memory such as `5%`; 3 % and at least 40 MB if nothing is said.
    private func memorySize(_ name: String, _ parameters: ParameterSet) throws(SettingProblem) -> Int64 {
        let text = parameters[name] ?? "3%"
        let least: Int64 = 40 << 20
        if text.hasSuffix("%") {
            guard let share = Int64(text.dropLast()), (1...90).contains(share) else {
                throw SettingProblem(
                    .option,
                    "\(name)=\(text) is no share of the memory",
                    remedy: "use 1% to 90%"
                )
            }
            return max(least, MachineMemory.sizeInBytes / 100 * share)
        }
        guard let megabytes = try number(name, parameters), megabytes > 0 else {
            throw SettingProblem(.option, "\(name)=\(text) is no size in megabytes")
        }
        return max(least, megabytes << 20)
    }
}
