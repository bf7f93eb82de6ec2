// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import NIOPosix

/// The border between tasks and calls that block: work runs on the threads of a pool, never on the cooperative one.
struct BlockingThreads: Sendable {
    let pool: NIOThreadPool

    func run<Value: Sendable>(
        _ body: @escaping @Sendable () throws(BlobProblem) -> Value
    ) async throws(BlobProblem) -> Value {
        let result: Result<Value, BlobProblem>
        do {
            result = try await pool.runIfActive { () -> Result<Value, BlobProblem> in
                do throws(BlobProblem) {
                    return .success(try body())
                } catch {
                    return .failure(error)
                }
            }
        } catch {
            // The pool refuses work only when it is shut down or the task is cancelled.
            throw BlobProblem(.stopped, "the work was not done", cause: error)
        }
        return try result.get()
    }
}
