// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CSQLite

/// A compiled statement.
///
/// It keeps its connection alive.
final class Statement {
    private let statement: OpaquePointer
    private let database: Database

    init(_ statement: OpaquePointer, of database: Database) {
        self.statement = statement
        self.database = database
    }

    deinit { sqlite3_finalize(statement) }

    /// Binds values from the first parameter on, forgetting earlier ones.
    func bind(_ values: Value...) {
        sqlite3_reset(statement)
        for (index, value) in values.enumerated() { bind(value, at: Int32(index + 1)) }
    }

    /// A value to bind.
    enum Value {
        case null
        case integer(Int64)
        case text([UInt8])
        case blob([UInt8])

        static func text(_ string: String) -> Value { .text(Array(string.utf8)) }
    }

    private func bind(_ value: Value, at index: Int32) {
        switch value {
        case .null: sqlite3_bind_null(statement, index)
        case .integer(let number): sqlite3_bind_int64(statement, index, number)
        case .text(let bytes):
            bytes.withUnsafeBytes {
                // An empty array may have no address, and a null pointer would bind NULL.
                let address = $0.baseAddress?.assumingMemoryBound(to: CChar.self)
                sqlite3_bind_text(
                    statement,
                    index,
                    address ?? Self.nothing,
                    Int32($0.count),
                    wharf_sqlite_transient()
                )
            }
        case .blob(let bytes):
            _ = bytes.withUnsafeBytes {
                sqlite3_bind_blob(statement, index, $0.baseAddress, Int32($0.count), wharf_sqlite_transient())
            }
        }
    }

    /// The address of an empty string that is never freed.
    nonisolated(unsafe) private static let nothing: UnsafePointer<CChar> = {
        let pointer = UnsafeMutablePointer<CChar>.allocate(capacity: 1)
        pointer.initialize(to: 0)
        return UnsafePointer(pointer)
    }()

    /// Moves to the next row; false after the last.
    func step() throws(CatalogProblem) -> Bool {
        switch sqlite3_step(statement) {
        case SQLITE_ROW: return true
        case SQLITE_DONE:
            sqlite3_reset(statement)
            return false
        default:
            let problem = database.problem()
            sqlite3_reset(statement)
            throw problem
        }
    }

    /// Ends a query before its last row.
    func reset() { sqlite3_reset(statement) }

    /// Runs a statement that gives no rows.
    func run(_ values: Value...) throws(CatalogProblem) {
        sqlite3_reset(statement)
        for (index, value) in values.enumerated() { bind(value, at: Int32(index + 1)) }
        while try step() {}
    }

    /// An integer column; 0 for NULL.
    func integer(_ column: Int32) -> Int64 { sqlite3_column_int64(statement, column) }

    /// Whether a column is NULL.
    func isNull(_ column: Int32) -> Bool { sqlite3_column_type(statement, column) == SQLITE_NULL }

    /// The bytes of a text or blob column; empty for NULL.
    func bytes(_ column: Int32) -> [UInt8] {
        guard let address = sqlite3_column_blob(statement, column) else { return [] }
        return [UInt8](
            UnsafeRawBufferPointer(start: address, count: Int(sqlite3_column_bytes(statement, column)))
        )
    }

    /// A text column; bytes that are no UTF-8 are replaced.
    func text(_ column: Int32) -> String { String(decoding: bytes(column), as: UTF8.self) }
}
