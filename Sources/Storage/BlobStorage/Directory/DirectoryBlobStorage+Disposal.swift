// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

package import Digests
internal import Glibc
internal import Problems

extension DirectoryBlobStorage: BlobDisposal {
    package func setAside(_ digest: OCIDigest) throws(BlobProblem) {
        let (source, target) = (layout.blob(digest), layout.discarded(digest))
        // One call for each blob but the first: somebody may be waiting for the transaction to end.
        guard rename(source, target) != 0 else { return }
        if errno == ENOENT {
            _ = try DirectoryLayout.makeDirectory(layout.trash)
            guard rename(source, target) != 0 else { return }
        }
        guard errno == ENOENT else { throw BlobProblem(SystemCallProblem("rename", source)) }
    }

    package func emptyTrash() throws(BlobProblem) {
        for name in try DirectoryLayout.names(in: layout.trash) {
            let path = "\(layout.trash)/\(name)"
            guard unlink(path) == 0 || errno == ENOENT else {
                throw BlobProblem(SystemCallProblem("remove", path))
            }
        }
    }

    package func blobs(of algorithm: DigestAlgorithm, beginning first: UInt8) throws(BlobProblem) -> [(
        digest: OCIDigest, size: Int64
    )] {
        let digits = String(first, radix: 16)
        let shard = "\(layout.algorithm(algorithm))/\(first < 16 ? "0" : "")\(digits)"
        var found: [(OCIDigest, Int64)] = []
        for name in try DirectoryLayout.names(in: shard) {
            guard let digest = OCIDigest("\(algorithm.rawValue):\(name)") else { continue }
            var status = stat()
            // A file that went meanwhile is nobody's concern.
            guard stat("\(shard)/\(name)", &status) == 0 else { continue }
            found.append((digest, Int64(status.st_size)))
        }
        return found
    }
}
