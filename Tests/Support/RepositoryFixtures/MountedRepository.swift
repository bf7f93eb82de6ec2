// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import Foundation

#if canImport(Glibc)
internal import Glibc
#endif

/// A repository mounted by the built program; unmounted when the value goes.
package final class MountedRepository {
    /// Where the tree is.
    package let path: String
    package let cache: String
    private let arguments: [String]

    /// Whether this machine can mount at all.
    ///
    /// Tests that need it are skipped by name elsewhere.
    package static var isPossible: Bool { geteuid() == 0 && access("/dev/fuse", R_OK | W_OK) == 0 }

    /// Whether this machine can also run containers.
    package static var canRunContainers: Bool { isPossible && access("/usr/sbin/runc", X_OK) == 0 }

    /// Why tests are skipped.
    package static let requirement = "needs root and /dev/fuse"

    /// A mount that was refused.
    package struct Refusal: Error, CustomStringConvertible {
        package let status: Int32
        package let description: String
    }

    /// Mounts a repository.
    ///
    /// - Parameters:
    ///   - name: its name.
    ///   - server: a base address or directory.
    ///   - key: the file of the master key.
    ///   - scratch: holds mount point and cache.
    ///   - options: as for `-o`.
    /// - Throws: `Refusal` with what the program printed.
    package init(
        _ name: String,
        server: String,
        key: String,
        in scratch: ScratchDirectory,
        options: [String] = []
    ) throws {
        path = try scratch.directory("mount")
        cache = scratch.path + "/cache"
        var arguments = ["mount", name, path, "--server", server, "--public-key", key, "--cache", cache]
        if !options.isEmpty { arguments += ["-o", options.joined(separator: ",")] }
        self.arguments = arguments
        try mount()
    }

    /// Mounts a repository that a test made, from its directory.
    package convenience init(
        _ repository: RepositoryFixture,
        in scratch: ScratchDirectory,
        options: [String] = []
    ) throws {
        try self.init(
            repository.name,
            server: repository.directory,
            key: repository.publicKey,
            in: scratch,
            options: options
        )
    }

    deinit { _ = try? unmount() }

    /// Mounts again after an end.
    package func mount() throws {
        let outcome = try BuiltProgram.run(BuiltProgram.wharf, arguments)
        guard outcome.status == 0 else { throw Refusal(status: outcome.status, description: outcome.errors) }
    }

    /// Unmounts.
    @discardableResult
    package func unmount() throws -> Int32 {
        // The plain form waits for the end of the client, which is not to be had where files are open.
        let status = try BuiltProgram.run(BuiltProgram.wharf, ["umount", path]).status
        guard status != 0 else { return status }
        return try BuiltProgram.run(BuiltProgram.wharf, ["umount", "--lazy", path]).status
    }

    /// Ends the client without a warning.
    package func kill() throws {
        for name in try FileManager.default.contentsOfDirectory(atPath: "/proc") {
            guard let process = Int32(name),
                let words = try? Data(contentsOf: URL(fileURLWithPath: "/proc/\(name)/cmdline")),
                words.range(of: Data(path.utf8)) != nil,
                words.range(of: Data("--ready-descriptor".utf8)) != nil
            else { continue }
            _ = Glibc.kill(process, SIGKILL)
            while Glibc.kill(process, 0) == 0, !Self.isGone(process) { usleep(10_000) }
        }
    }

    /// The text of a file in the tree.
    package func text(_ name: String) throws -> String {
        String(decoding: try Data(contentsOf: URL(fileURLWithPath: path + name)), as: UTF8.self)
    }

    /// The client's log.
    package var log: String {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: cache)) ?? []
        return names.filter { $0.hasPrefix("log.") }
            .compactMap { try? String(contentsOfFile: cache + "/" + $0, encoding: .utf8) }.joined()
    }

    /// Drops what the kernel remembers, so that the client is asked again.
    package static func dropKernelCaches() throws {
        try Data("3\n".utf8).write(to: URL(fileURLWithPath: "/proc/sys/vm/drop_caches"))
    }

    private static func isGone(_ process: Int32) -> Bool {
        guard let text = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8) else {
            return true
        }
        return text.contains(") Z ")
    }
}
