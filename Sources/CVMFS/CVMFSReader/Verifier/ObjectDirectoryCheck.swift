// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import Digests
internal import Problems

#if canImport(Glibc)
internal import Glibc
#endif

/// Looks at every file below `data/` of a repository on this machine.
///
/// - Source: cvmfs-format A.2, A.4, I.3.
struct ObjectDirectoryCheck {
    /// The repository's root.
    let root: String
    let sink: FaultSink

    /// Verifies names and permissions.
    ///
    /// - Parameter visit: called with the hash and kind of each object, in the order of the directories.
    func run(visit: (ContentHash, ObjectKind) -> Void) {
        for number in 0..<256 {
            let prefix = (number < 16 ? "0" : "") + String(number, radix: 16)
            guard let directory = opendir("\(root)/data/\(prefix)") else { continue }
            defer { closedir(directory) }
            while let entry = readdir(directory) {
                let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                    String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
                }
                if name == "." || name == ".." { continue }
                check("data/\(prefix)/\(name)", digits: prefix + name, visit)
            }
        }
    }

    private func check(_ path: String, digits: String, _ visit: (ContentHash, ObjectKind) -> Void) {
        guard let (hash, kind) = Self.object(named: digits) else {
            sink.add(.unknownObject, path, "the name is not that of an object")
            return
        }
        var status = stat()
        guard stat(root + "/" + path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            sink.add(.unknownObject, path, "the object is not a regular file")
            return
        }
        if status.st_mode & 0o444 != 0o444 {
            sink.add(.objectPermissions, path, "not everyone may read the object")
        }
        visit(hash, kind)
    }

    /// Reads the name of an object without the slash: digits, algorithm, and the letter of its kind.
    static func object(named name: String) -> (ContentHash, ObjectKind)? {
        if let hash = ContentHash(name) { return (hash, .file) }
        guard let letter = name.last, let hash = ContentHash(String(name.dropLast())) else { return nil }
        // Micro catalogs are reserved and never written.
        return ObjectKind(rawValue: String(letter)).map { (hash, $0) }
    }
}
