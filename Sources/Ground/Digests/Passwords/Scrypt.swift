// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import COpenSSL

/// The key derivation function scrypt, which makes guessing passwords cost memory as well as time.
///
/// - Source: RFC 7914.
package enum Scrypt {
    /// How hard a guess is.
    package struct Cost: Hashable, Sendable {
        /// The binary logarithm of the number of blocks: each guess takes `128 * blockSize << logarithm` bytes.
        package var logarithm: UInt8
        package var blockSize: UInt32
        package var parallelism: UInt32

        /// Joins the three parameters.
        package init(logarithm: UInt8, blockSize: UInt32, parallelism: UInt32) {
            self.logarithm = logarithm
            self.blockSize = blockSize
            self.parallelism = parallelism
        }

        /// The memory of one derivation, `nil` if the parameters are out of range.
        package var memoryInBytes: UInt64? {
            guard (1...24).contains(logarithm), (1...64).contains(blockSize), (1...16).contains(parallelism)
            else {
                return nil
            }
            return 128 * UInt64(blockSize) << UInt64(logarithm)
        }
    }

    /// Derives `count` bytes; blocks for as long as `cost` says, tens of milliseconds for a password.
    ///
    /// `nil` if the cost is out of range or there is not enough memory.
    package static func derive(_ password: [UInt8], salt: [UInt8], cost: Cost, count: Int = 32) -> [UInt8]? {
        guard let memory = cost.memoryInBytes, count > 0 else { return nil }
        // The library counts a few small buffers beside the blocks.
        let limit = memory + 128 * UInt64(cost.blockSize * cost.parallelism) + (1 << 20)
        var key = [UInt8](repeating: 0, count: count)
        let code = password.withUnsafeBytes { password in
            EVP_PBE_scrypt(
                password.bindMemory(to: CChar.self).baseAddress,
                password.count,
                salt,
                salt.count,
                1 << UInt64(cost.logarithm),
                UInt64(cost.blockSize),
                UInt64(cost.parallelism),
                limit,
                &key,
                count
            )
        }
        guard code == 1 else {
            ERR_clear_error()
            return nil
        }
        return key
    }
}
