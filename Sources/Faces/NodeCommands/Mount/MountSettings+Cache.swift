// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import ClientConfiguration

/// Where objects are kept, and how many.
extension MountSettings {
    /// Brings in the parameters of the stock client that are about the cache.
    mutating func applyCache(_ parameters: ParameterSet) throws(SettingProblem) {
        if let base = parameters["CVMFS_CACHE_BASE"] { cacheDirectory = base + "/wharf" }
        if let megabytes = try number("CVMFS_QUOTA_LIMIT", parameters), megabytes > 0 {
            cacheLimitInBytes = megabytes.multipliedReportingOverflow(by: 1 << 20).partialValue
        }
    }

    /// Brings in one of our own options if it is about the cache; returns whether it was.
    mutating func applyCacheOption(_ name: String, _ value: String) throws(SettingProblem) -> Bool {
        switch name {
        case "cache": cacheDirectory = value
        case "cache-limit": cacheLimitInBytes = try Self.byteCount(value)
        default: return false
        }
        return true
    }
}
