// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

/// The ways in which headers write numbers.
enum TarNumber {
    /// Reads a number field of a header: octal digits with blanks or NUL around them, or GNU base-256.
    ///
    /// - Source: POSIX.1-2017, pax, "ustar Interchange Format"; GNU tar manual, "Extensions".
    static func field(_ bytes: ArraySlice<UInt8>) -> Int64? {
        guard let first = bytes.first else { return nil }
        if first & 0x80 != 0 { return base256(bytes) }
        var value: Int64 = 0
        var sawDigit = false
        var sawEnd = false
        for byte in bytes {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "7"):
                guard !sawEnd, value >> 60 == 0 else { return nil }
                value = value << 3 | Int64(byte - UInt8(ascii: "0"))
                sawDigit = true
            case UInt8(ascii: " "), 0: sawEnd = sawDigit
            default: return nil
            }
        }
        return value
    }

    /// Two's complement, big-endian, with the highest bit of the first byte as the mark.
    private static func base256(_ bytes: ArraySlice<UInt8>) -> Int64? {
        guard let first = bytes.first else { return nil }
        let isNegative = first & 0x40 != 0
        var value: Int64 = isNegative ? -1 : 0
        for (index, byte) in bytes.enumerated() {
            // The mark is no digit: it is replaced by the sign.
            let digit = index == 0 ? (isNegative ? byte | 0x80 : byte & 0x7f) : byte
            let top = value >> 55
            guard top == 0 || top == -1 else { return nil }
            value = value << 8 | Int64(digit)
        }
        return (value < 0) == isNegative ? value : nil
    }

    /// Reads a decimal integer of an extended header.
    static func decimal(_ bytes: ArraySlice<UInt8>) -> Int64? {
        Int64(String(decoding: bytes, as: UTF8.self))
    }

    /// Reads a decimal time with an optional fraction, rounded down to a nanosecond.
    static func time(_ bytes: ArraySlice<UInt8>) -> (seconds: Int64, nanoseconds: Int32)? {
        let text = String(decoding: bytes, as: UTF8.self)
        let isNegative = text.hasPrefix("-")
        let parts = text.drop { $0 == "-" || $0 == "+" }.split(
            separator: ".",
            omittingEmptySubsequences: false
        )
        guard (1...2).contains(parts.count), let whole = Int64(parts[0].isEmpty ? "0" : parts[0]), whole >= 0,
            whole < 1 << 53
        else { return nil }
        var fraction: Int64 = 0
        var isInexact = false
        if parts.count == 2 {
            var weight: Int64 = 100_000_000
            for digit in parts[1].utf8 {
                guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return nil }
                fraction += Int64(digit - UInt8(ascii: "0")) * weight
                if weight == 0, digit != UInt8(ascii: "0") { isInexact = true }
                weight /= 10
            }
        }
        guard isNegative else { return (whole, Int32(fraction)) }
        if isInexact { fraction += 1 }
        return fraction == 0 ? (-whole, 0) : (-whole - 1, Int32(1_000_000_000 - fraction))
    }
}
