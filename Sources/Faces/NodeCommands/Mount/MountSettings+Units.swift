// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

extension MountSettings {
    /// Reads a size with its unit, such as `4GiB` or `500MB`.
    static func byteCount(_ text: String) throws(SettingProblem) -> Int64 {
        let units: [(String, Int64)] = [
            ("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30), ("TiB", 1 << 40),
            ("kB", 1000), ("MB", 1_000_000), ("GB", 1_000_000_000), ("TB", 1_000_000_000_000), ("B", 1),
        ]
        for (unit, factor) in units where text.hasSuffix(unit) {
            guard let number = Int64(text.dropLast(unit.count)), number > 0 else { break }
            let (bytes, overflow) = number.multipliedReportingOverflow(by: factor)
            if !overflow { return bytes }
        }
        throw SettingProblem(
            .option,
            "'\(text)' is no size",
            remedy: "write a number and a unit, such as 4GiB"
        )
    }

    /// Reads a time with its unit, such as `1s` or `250ms`.
    static func milliseconds(_ text: String) throws(SettingProblem) -> Int64 {
        let units: [(String, Int64)] = [("ms", 1), ("s", 1000), ("min", 60_000), ("h", 3_600_000)]
        for (unit, factor) in units where text.hasSuffix(unit) {
            guard let number = Int64(text.dropLast(unit.count)), number > 0 else { continue }
            let (product, overflow) = number.multipliedReportingOverflow(by: factor)
            if !overflow { return product }
        }
        throw SettingProblem(
            .option,
            "'\(text)' is no time",
            remedy: "write a number and a unit, such as 30s"
        )
    }
}
