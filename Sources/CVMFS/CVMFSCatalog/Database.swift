// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CSQLite

/// A connection to an SQLite file, used by one thread at a time.
///
/// Catalogs are on the client's hot path and GRDB brings all of Foundation, so this is a thin face of SQLite's C API
/// (see docs/decisions/0004-sqlite-access.md).
final class Database {
    let path: String
    let handle: OpaquePointer

    /// How a file is opened.
    enum Mode {
        /// An immutable file: no locks, no journal. It is not mapped: a process that has many large catalogs open would
        /// have all of their pages resident, once for each connection.
        case immutable
        /// A new file that nobody else sees: no journal, no syncing. A crash leaves garbage, which is thrown away.
        case create(pageSize: Int)
        /// A file that is edited in place with no journal, again unseen by others.
        case edit
    }

    init(_ path: String, _ mode: Mode) throws(CatalogProblem) {
        self.path = path
        let flags: Int32
        let name: String
        switch mode {
        case .immutable:
            flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX
            name = "file:" + Self.escaped(path) + "?immutable=1"
        case .create:
            flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX
            name = path
        case .edit:
            flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX
            name = path
        }
        var handle: OpaquePointer?
        guard sqlite3_open_v2(name, &handle, flags, nil) == SQLITE_OK, let handle else {
            let detail = handle.map { String(cString: sqlite3_errmsg($0)) } ?? "out of memory"
            sqlite3_close_v2(handle)
            throw CatalogProblem(.cannotOpen, path: path, detail: detail)
        }
        self.handle = handle
        switch mode {
        case .immutable:
            try execute("PRAGMA temp_store=2; PRAGMA mmap_size=0; PRAGMA cache_size=-512")
        case .create(let pageSize):
            try execute(
                "PRAGMA page_size=\(pageSize); PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; "
                    + "PRAGMA locking_mode=EXCLUSIVE; PRAGMA cache_size=-8192"
            )
        case .edit:
            try execute("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA locking_mode=EXCLUSIVE")
        }
    }

    deinit { sqlite3_close_v2(handle) }

    /// Gives back the memory of cached pages that no statement is using.
    func releaseMemory() { sqlite3_db_release_memory(handle) }

    /// Runs statements without results.
    func execute(_ sql: String) throws(CatalogProblem) {
        guard sqlite3_exec(handle, sql, nil, nil, nil) == SQLITE_OK else { throw problem() }
    }

    /// Compiles a statement.
    func prepare(_ sql: String) throws(CatalogProblem) -> Statement {
        var statement: OpaquePointer?
        guard
            sqlite3_prepare_v3(handle, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &statement, nil)
                == SQLITE_OK,
            let statement
        else { throw problem() }
        return Statement(statement, of: self)
    }

    /// The last error of this connection.
    func problem() -> CatalogProblem {
        let code = sqlite3_errcode(handle)
        let kind: CatalogProblem.Code
        switch code {
        case SQLITE_CORRUPT, SQLITE_NOTADB, SQLITE_ERROR, SQLITE_FORMAT: kind = .corrupt
        case SQLITE_FULL, SQLITE_IOERR, SQLITE_READONLY: kind = .writeFailed
        default: kind = .cannotOpen
        }
        return CatalogProblem(kind, path: path, detail: String(cString: sqlite3_errmsg(handle)))
    }

    /// Escapes what has a meaning in the path of an SQLite URI.
    private static func escaped(_ path: String) -> String {
        var text = ""
        for character in path {
            switch character {
            case "%": text += "%25"
            case "?": text += "%3f"
            case "#": text += "%23"
            default: text.append(character)
            }
        }
        return text
    }
}
