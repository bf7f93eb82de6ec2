// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import Digests
package import ObjectCache

extension CachedObject {
    /// The whole content of a small object.
    ///
    /// - Throws: `corrupt` if it has more than `limit` bytes, `local` if the cache cannot be read.
    package func bytes(limit: Int) throws(ReaderProblem) -> [UInt8] {
        guard size <= Int64(limit) else {
            throw ReaderProblem(.corrupt, "the object \(name) has \(size) bytes, more than \(limit)")
        }
        do throws(CacheProblem) {
            var bytes = [UInt8](repeating: 0, count: Int(size))
            var result: Result<Int, CacheProblem> = .success(0)
            bytes.withUnsafeMutableBytes { buffer in
                do throws(CacheProblem) { result = .success(try read(at: 0, into: buffer)) } catch {
                    result = .failure(error)
                }
            }
            _ = try result.get()
            return bytes
        } catch {
            throw ReaderProblem(.local, "the object \(name) cannot be read from the cache", cause: error)
        }
    }
}
