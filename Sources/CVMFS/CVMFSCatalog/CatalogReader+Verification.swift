// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

#if canImport(Glibc)
internal import Glibc
#endif

/// What only a verifier asks a catalog.
extension CatalogReader {
    /// Whether the file is in rollback-journal mode: bytes 18 and 19 of its header are 1.
    ///
    /// Clients cannot open another.
    ///
    /// - Source: cvmfs-format C.1; SQLite file format, section 1.3.3.
    package var usesRollbackJournal: Bool {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var versions: [UInt8] = [0, 0]
        return pread(descriptor, &versions, 2, 18) == 2 && versions == [1, 1]
    }

    /// Whether directories can be listed without reading every row.
    ///
    /// - Source: cvmfs-format C.2.
    package var hasParentIndex: Bool {
        get throws(CatalogProblem) {
            let name = "type = 'index' AND name = 'idx_catalog_parent'"
            return try count("SELECT count(*) FROM sqlite_master WHERE \(name)") > 0
        }
    }

    /// How many bytes the file has beyond its pages; `nil` if its size cannot be told.
    package func countOfStrayBytes() throws(CatalogProblem) -> Int64? {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        let pages = try count("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size")
        return Int64(status.st_size) - pages
    }

    /// How many rows have NULL where clients read text without looking.
    ///
    /// - Source: cvmfs-format C.7.
    package func countOfRowsWithoutTexts() throws(CatalogProblem) -> Int64 {
        try count("SELECT count(*) FROM catalog WHERE name IS NULL OR symlink IS NULL")
    }

    /// What SQLite finds wrong with the file: broken pages, rows that an index lacks, keys out of order; at most 100 lines.
    ///
    /// Reads the whole file.
    package func integrityFaults() throws(CatalogProblem) -> [String] {
        let query = try database.prepare("PRAGMA integrity_check(100)")
        var faults: [String] = []
        while try query.step() { faults.append(query.text(0)) }
        return faults == ["ok"] ? [] : faults
    }

    /// The number of rows of all chunked files.
    package func chunkRowCount() throws(CatalogProblem) -> Int64 { try count("SELECT count(*) FROM chunks") }
}
