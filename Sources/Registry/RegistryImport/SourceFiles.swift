// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import Foundation

/// Small reads in a foreign directory.
enum SourceFiles {
    /// The names in a directory, sorted; empty if there is none.
    static func names(in directory: String) -> [String] {
        // What is not there or may not be read holds nothing that could be imported.
        ((try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []).sorted()
    }

    static func isDirectory(_ path: String) -> Bool {
        var isDirectory: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory)
            && isDirectory.boolValue
    }

    static func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }

    /// The bytes of a plain file of at most `limit` bytes.
    ///
    /// - Throws: `unreadable`; its message does not name the path, as the caller says what the file is for.
    static func bytes(of path: String, limit: Int) throws(ImportProblem) -> [UInt8] {
        guard let handle = FileHandle(forReadingAtPath: path) else {
            throw ImportProblem(.unreadable, exists(path) ? "its file cannot be read" : "its file is missing")
        }
        // The handle is for reading only: nothing can be lost by closing it.
        defer { try? handle.close() }
        let data: Data
        do {
            data = try handle.read(upToCount: limit + 1) ?? Data()
        } catch {
            throw ImportProblem(.unreadable, "its file cannot be read", cause: error)
        }
        guard data.count <= limit else {
            throw ImportProblem(.unreadable, "its file has more than \(limit) bytes")
        }
        return [UInt8](data)
    }
}
