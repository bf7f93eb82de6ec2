// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CCacheFiles

/// The record of an object in an extended attribute of its own file, so that an index that was lost can be made anew,
/// and so that a shared directory without an index can tell what a content must be.
enum RecordLabel {
    private static let attribute = "user.wharf.record"

    /// Writes the label.
    ///
    /// A file system without extended attributes goes without: the index alone then knows.
    static func write(_ record: IndexRecord, to descriptor: Int32) {
        let bytes = record.encoded
        _ = wharf_write_attribute(descriptor, attribute, bytes, bytes.count)
    }

    /// Reads the label; `nil` if there is none or it was not written by `write`.
    static func read(from descriptor: Int32) -> IndexRecord? {
        var bytes = [UInt8](repeating: 0, count: IndexRecord.byteCount)
        let count = wharf_read_attribute(descriptor, attribute, &bytes, bytes.count)
        guard count == bytes.count, let record = IndexRecord(bytes[...]), record.kind == .added else {
            return nil
        }
        return record
    }
}
