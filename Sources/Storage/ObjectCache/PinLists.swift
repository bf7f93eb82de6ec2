// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import Digests
internal import Problems

#if canImport(Glibc)
internal import Glibc
#endif

/// What stays in a cache until it is unpinned: a file for each thing that was pinned, which survives restarts.
///
/// ```
/// pins/<SHA-256 of the label>
///     <label>
///     <name of an object>
///     …
/// ```
struct PinLists {
    private let directory: String

    init(_ cache: String) { directory = cache + "/pins" }

    /// The names in all lists.
    func names() -> Set<ContentHash> {
        var names: Set<ContentHash> = []
        for list in all() { names.formUnion(list.names) }
        return names
    }

    /// All lists, ordered by label.
    func all() -> [(label: String, names: [ContentHash])] {
        CacheDirectory.names(in: directory).compactMap { read(directory + "/" + $0) }
            .sorted { $0.label < $1.label }
    }

    /// Writes a list; an older one of the same label is replaced.
    func write(_ label: String, _ names: some Sequence<ContentHash>) throws(CacheProblem) {
        guard mkdir(directory, 0o700) == 0 || errno == EEXIST else {
            throw CacheProblem(.write, "cannot pin", cause: SystemCallProblem("mkdir", directory))
        }
        let (path, temporary) = (file(label), file(label) + ".\(getpid())")
        var bytes = Array((label + "\n").utf8)
        for name in names { bytes += Array("\(name)\n".utf8) }
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        defer { if descriptor >= 0 { close(descriptor) } }
        guard descriptor >= 0, Glibc.write(descriptor, bytes, bytes.count) == bytes.count,
            fsync(descriptor) == 0, rename(temporary, path) == 0
        else {
            let cause = SystemCallProblem("write", path)
            unlink(temporary)
            throw CacheProblem(.write, "cannot pin", cause: cause)
        }
    }

    /// Removes a list; returns whether there was one.
    func remove(_ label: String) -> Bool { unlink(file(label)) == 0 }

    private func file(_ label: String) -> String {
        let digest = IncrementalDigest.digest(.sha256, of: Array(label.utf8))
        return directory + "/" + Hexadecimal.text(of: digest)
    }

    private func read(_ path: String) -> (label: String, names: [ContentHash])? {
        // The name of a list that is being written has a suffix.
        guard path.utf8.count == directory.utf8.count + 65, let text = WholeFile.read(path) else {
            return nil
        }
        let lines = String(decoding: text, as: UTF8.self).split(
            separator: "\n",
            omittingEmptySubsequences: true
        )
        guard let label = lines.first else { return nil }
        return (String(label), lines.dropFirst().compactMap { ContentHash(String($0)) })
    }
}

/// Files of our own that are read at once.
enum WholeFile {
    /// The content of a file; `nil` if it cannot be read.
    static func read(_ path: String) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var content: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { return nil }
            if count == 0 { return content }
            content += buffer[..<count]
        }
    }
}
