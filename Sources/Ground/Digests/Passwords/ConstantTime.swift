// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import COpenSSL

/// Comparison of secrets, which takes as long for a near miss as for a wild guess.
package enum ConstantTime {
    /// Whether two secrets are the same; only their lengths can be told from the time.
    package static func isEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        guard left.count == right.count else { return false }
        guard !left.isEmpty else { return true }
        return CRYPTO_memcmp(left, right, left.count) == 0
    }
}
