// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

package import Digests
internal import Foundation
internal import Problems

/// The objects of a repository as files, for those who look after them.
extension ObjectStore {
    /// The objects whose hash begins with a byte, in no order; files that are no objects are passed over.
    ///
    /// - Throws: `SystemCallProblem` if the directory cannot be read.
    package func objects(beginning first: UInt8) throws -> [(hash: ContentHash, kind: ObjectKind)] {
        let digits = (first < 16 ? "0" : "") + String(first, radix: 16)
        let path = "\(location.served)/data/\(digits)"
        guard let directory = opendir(path) else { throw SystemCallProblem("list", path) }
        defer { closedir(directory) }
        var found: [(ContentHash, ObjectKind)] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            let kind =
                ObjectKind.allCases.first { !$0.rawValue.isEmpty && name.hasSuffix($0.rawValue) } ?? .file
            guard let hash = ContentHash(digits + name.dropLast(kind.rawValue.count)) else { continue }
            found.append((hash, kind))
        }
        return found
    }

    /// The bytes that an object takes; `nil` if it is not there.
    package func size(of hash: ContentHash, _ kind: ObjectKind) -> Int64? {
        FileAccess.size(of: "\(location.served)/\(hash.objectPath(kind))")
    }

    /// Removes an object; does nothing if it is not there.
    package func remove(_ hash: ContentHash, _ kind: ObjectKind) throws {
        let path = "\(location.served)/\(hash.objectPath(kind))"
        guard unlink(path) == 0 || errno == ENOENT else { throw SystemCallProblem("remove", path) }
    }
}
