// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import BlobStorage
internal import Foundation
internal import MetadataStore
internal import MetadataStoreSQLite
internal import NIOPosix

/// The stores of a data directory that a server may be using at the same time.
struct OpenData {
    let path: String
    let blobs: DirectoryBlobStorage
    let metadata: SQLiteMetadataStore

    /// Opens what is there, and makes nothing.
    ///
    /// - Throws: `noData` if the directory has no database; what the stores throw.
    init(_ path: String) throws {
        guard access(path + "/wharf.db", F_OK) == 0 else {
            throw AdminProblem.noData(in: path)
        }
        self.path = path
        metadata = try SQLiteMetadataStore(path: path + "/wharf.db")
        let threads = NIOThreadPool(numberOfThreads: 2)
        threads.start()
        blobs = try DirectoryBlobStorage(root: path, threads: threads)
    }

    /// The clock on the wall.
    static let now: @Sendable () -> Timestamp = {
        Timestamp(millisecondsSince1970: Int64(Date().timeIntervalSince1970 * 1000))
    }
}
