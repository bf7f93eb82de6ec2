// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import ClientConfiguration
internal import ObjectCache

#if canImport(Glibc)
internal import Glibc
#endif

/// The cache that a command is about.
struct CachePlace: ParsableArguments {
    @Option(help: "Directory of the object cache; that of all mounts of this node if nothing is said.")
    var cache: String?

    /// Opens a cache that is there.
    ///
    /// - Parameter limitInBytes: what pins are measured by.
    /// - Returns: the cache.
    /// - Throws: `cache` if there is none, and what the cache throws.
    func open(limitInBytes: Int64 = Int64.max) throws -> ObjectCache {
        let directory = try cache ?? Self.nodeCache()
        guard access(directory + "/index", F_OK) == 0 else {
            throw SettingProblem(
                .cache,
                "there is no cache in \(directory)",
                remedy:
                    "name the directory with --cache; a mount's own is in its -o cache=… or CVMFS_CACHE_BASE"
            )
        }
        return try ObjectCache(
            directory: directory,
            limitInBytes: limitInBytes,
            now: { Int64(time(nil)) },
            report: { StandardError.print("wharf: \($0)") }
        )
    }
}

extension CachePlace {
    /// The cache that all mounts of this node have if nothing else is said for one of them.
    private static func nodeCache() throws -> String {
        guard let any = NodeConfiguration.repository("name.invalid") else {
            throw SettingProblem(.repository, "'name.invalid' is no repository name")
        }
        let configuration = try NodeConfiguration(of: any)
        return try MountSettings(repository: any, words: [], configuration: configuration).cacheDirectory
    }
}

/// Sizes for people.
enum SizeText {
    /// A size in the largest binary unit that leaves at least one, with one decimal.
    static func of(_ bytes: Int64) -> String {
        let units: [(String, Int64)] = [
            ("TiB", 1 << 40), ("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10),
        ]
        for (unit, factor) in units where bytes >= factor {
            let tenths = bytes / (factor / 16) * 10 / 16
            return "\(tenths / 10).\(tenths % 10) \(unit)"
        }
        return "\(bytes) B"
    }
}

/// Strings in JSON.
enum JSONText {
    /// The string in quotes, with escapes.
    static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": result += "\\\(scalar)"
            case _ where scalar.value < 0x20:
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}

/// A line on the terminal that is written over as work goes on, at most five times a second; elsewhere one line each
/// ten seconds.
struct ProgressLine {
    private let verb: String
    private let isTerminal = isatty(STDERR_FILENO) == 1
    private var next = ContinuousClock.now

    init(_ verb: String) { self.verb = verb }

    /// Shows how far the work is.
    mutating func show(_ count: Int, _ bytes: Int64) {
        guard ContinuousClock.now >= next else { return }
        next = .now + (isTerminal ? .milliseconds(200) : .seconds(10))
        let line = "\(verb) \(count) objects, \(SizeText.of(bytes))"
        if isTerminal {
            let bytes = Array("\r\(line)\u{1B}[K".utf8)
            _ = write(STDERR_FILENO, bytes, bytes.count)
        } else {
            StandardError.print(line)
        }
    }

    /// Leaves the line, so that what follows stands alone.
    func close() {
        guard isTerminal else { return }
        _ = write(STDERR_FILENO, "\r\u{1B}[K", 4)
    }
}
