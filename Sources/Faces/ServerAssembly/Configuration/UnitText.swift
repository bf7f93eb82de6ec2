// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

/// Sizes and times as people write them: a whole number and its unit.
///
/// A bare number is refused.
enum UnitText {
    static let durationFault = "is not a time such as 30s, 10m, 12h or 7d"
    static let sizeFault = "is not a size such as 512KiB, 4MiB or 10GiB"

    static func duration(_ text: String) -> Duration? {
        let units: [(String, Int64)] = [("s", 1), ("m", 60), ("h", 3_600), ("d", 86_400)]
        return value(text, units).map { .seconds($0) }
    }

    static func sizeInBytes(_ text: String) -> Int64? {
        value(text, [("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30), ("TiB", 1 << 40)])
    }

    private static func value(_ text: String, _ units: [(suffix: String, factor: Int64)]) -> Int64? {
        for (suffix, factor) in units where text.hasSuffix(suffix) {
            guard let number = Int64(text.dropLast(suffix.count)), number >= 0 else { return nil }
            let (product, overflow) = number.multipliedReportingOverflow(by: factor)
            return overflow ? nil : product
        }
        return nil
    }
}
