// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

/// Device numbers in the encoding of glibc's `dev_t`, which catalogs keep in `size`.
///
/// | bits | meaning |
/// |---|---|
/// | 0–7 | minor, low |
/// | 8–19 | major, low |
/// | 20–43 | minor, high |
/// | 44–63 | major, high |
///
/// - Source: glibc 2.36, `bits/sysmacros.h`; cvmfs-observed, "Devices keep rdev in size".
package enum DeviceNumber {
    /// Packs a pair.
    package static func encode(major: UInt32, minor: UInt32) -> Int64 {
        let high = UInt64(major & 0xffff_f000) << 32 | UInt64(minor & 0xffff_ff00) << 12
        let low = UInt64(major & 0xfff) << 8 | UInt64(minor & 0xff)
        return Int64(bitPattern: high | low)
    }

    /// Unpacks a pair.
    package static func decode(_ number: Int64) -> (major: UInt32, minor: UInt32) {
        let bits = UInt64(bitPattern: number)
        let major =
            UInt32(truncatingIfNeeded: bits >> 8 & 0xfff)
            | UInt32(truncatingIfNeeded: bits >> 32 & 0xffff_f000)
        let minor =
            UInt32(truncatingIfNeeded: bits & 0xff) | UInt32(truncatingIfNeeded: bits >> 12 & 0xffff_ff00)
        return (major, minor)
    }
}
