// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import ClientConfiguration
internal import MountClient

/// What the tree looks like, and how the kernel is served.
extension MountSettings {
    /// Brings in the parameters of the stock client that are about the file system.
    mutating func applyFileSystem(_ parameters: ParameterSet) throws(SettingProblem) {
        if let value = parameters["CVMFS_SUID"] { options.allowsSetUserID = Self.isTrue(value) }
        if let seconds = try number("CVMFS_KCACHE_TIMEOUT", parameters), seconds >= 0 {
            options.cacheDuration = .seconds(seconds)
        }
    }

    /// Brings in one of our own options if it is about the file system; returns whether it was.
    mutating func applyFileSystemOption(_ name: String, _ value: String) throws(SettingProblem) -> Bool {
        switch name {
        case "open":
            guard let mode = MountOptions.OpenMode(rawValue: value) else {
                throw SettingProblem(
                    .option,
                    "'\(value)' is no open mode",
                    remedy: "use open=auto, open=none or open=passthrough"
                )
            }
            options.openMode = mode
        case "passthrough": options.allowsPassthrough = Self.isTrue(value)
        case "readdirplus": options.allowsReadDirectoryPlus = Self.isTrue(value)
        case "epochs": options.allowsEpochs = Self.isTrue(value)
        case "nodes":
            guard let limit = Int(value), (1000...100_000_000).contains(limit) else {
                throw SettingProblem(
                    .option,
                    "'\(value)' is no number of nodes",
                    remedy: "use a number from 1000 to 100000000"
                )
            }
            options.nodeLimit = limit
        case "suid": options.allowsSetUserID = Self.isTrue(value)
        case "nosuid": options.allowsSetUserID = false
        default: return false
        }
        return true
    }
}
