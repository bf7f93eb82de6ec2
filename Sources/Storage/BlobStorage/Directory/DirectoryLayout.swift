// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import Digests
internal import Glibc
internal import Problems

/// Where the directory driver keeps what.
///
/// ```
/// <root>/blobs/sha256/ab/abcdef…      a blob, complete and synced before it gets this name
/// <root>/uploads/0123456789abcdef…    the bytes of an unfinished upload
/// <root>/trash/sha256-abcdef…         a blob that was collected and whose space is about to be freed
/// <root>/quarantine/sha256-abcdef…    what was found under a blob's name and is something else
/// ```
struct DirectoryLayout: Sendable {
    let root: String

    var blobs: String { root + "/blobs" }
    var uploads: String { root + "/uploads" }

    func algorithm(_ algorithm: DigestAlgorithm) -> String { "\(blobs)/\(algorithm.rawValue)" }

    func shard(_ digest: OCIDigest) -> String {
        "\(algorithm(digest.algorithm))/\(digest.encoded.prefix(2))"
    }

    func blob(_ digest: OCIDigest) -> String { "\(shard(digest))/\(digest.encoded)" }

    var quarantine: String { root + "/quarantine" }

    func quarantined(_ digest: OCIDigest) -> String {
        "\(quarantine)/\(digest.algorithm.rawValue)-\(digest.encoded)"
    }

    var trash: String { root + "/trash" }

    func discarded(_ digest: OCIDigest) -> String {
        "\(trash)/\(digest.algorithm.rawValue)-\(digest.encoded)"
    }

    func upload(_ id: UploadID) -> String { "\(uploads)/\(id)" }

    /// Makes the fixed directories.
    func create() throws(BlobProblem) {
        for path in [root, blobs, uploads, algorithm(.sha256), algorithm(.sha512)] {
            _ = try Self.makeDirectory(path)
        }
    }

    /// Returns whether the directory is new.
    static func makeDirectory(_ path: String) throws(BlobProblem) -> Bool {
        guard mkdir(path, 0o755) != 0 else { return true }
        guard errno == EEXIST else { throw BlobProblem(SystemCallProblem("create the directory", path)) }
        return false
    }

    /// The names within a directory, sorted; empty if there is none of that name.
    static func names(in path: String) throws(BlobProblem) -> [String] {
        guard let directory = opendir(path) else {
            if errno == ENOENT { return [] }
            throw BlobProblem(SystemCallProblem("list", path))
        }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }
}
