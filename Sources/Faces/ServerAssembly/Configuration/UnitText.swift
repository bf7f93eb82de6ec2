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

    /// A size in bytes; `nil` if the text is none.
    static func sizeInBytes(_ text: String) -> Int64? {
        value(text, [("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30), ("TiB", 1 << 40)])
    }

    /// A time with the largest unit that divides it.
    static func text(_ duration: Duration) -> String {
        let seconds = duration.components.seconds
        let units: [(String, Int64)] = [("d", 86_400), ("h", 3_600), ("m", 60)]
        guard seconds > 0, let (unit, factor) = units.first(where: { seconds % $0.1 == 0 }) else {
            return "\(seconds)s"
        }
        return "\(seconds / factor)\(unit)"
    }

    /// A size with the largest unit that divides it.
    static func text(sizeInBytes size: Int) -> String {
        let units = [("TiB", 1 << 40), ("GiB", 1 << 30), ("MiB", 1 << 20)]
        guard size > 0, let (unit, factor) = units.first(where: { size % $0.1 == 0 }) else {
            return "\(size >> 10)KiB"
        }
        return "\(size / factor)\(unit)"
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
