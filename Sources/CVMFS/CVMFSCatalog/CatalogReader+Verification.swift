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
