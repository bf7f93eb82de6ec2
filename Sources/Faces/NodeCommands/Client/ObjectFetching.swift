// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CVMFSReader
internal import Digests
internal import Dispatch
internal import ObjectCache
internal import Synchronization

/// Fetches many objects into the cache, several at a time.
final class ObjectFetching: Sendable {
    /// What came of it.
    struct Result: Sendable {
        var count = 0
        var bytes: Int64 = 0
        var failed = 0
    }

    private struct State {
        var seen: Set<ContentHash> = []
        var result = Result()
        var problem: ReaderProblem?
        var progress: ProgressLine
    }

    private let objects: ObjectFetcher
    private let state: Mutex<State>
    private let queue = DispatchQueue(label: "wharf.fetching", attributes: .concurrent)
    private let slots: DispatchSemaphore
    private let group = DispatchGroup()

    /// Fetches by `jobs` at a time; `verb` is what the progress says.
    init(_ objects: ObjectFetcher, jobs: Int, verb: String) {
        self.objects = objects
        state = Mutex(State(progress: ProgressLine(verb)))
        slots = DispatchSemaphore(value: max(1, min(jobs, 64)))
    }

    /// Fetches an object unless it was asked for before; waits while all are busy.
    func add(_ wanted: ObjectFetcher.Wanted) {
        guard state.withLock({ $0.seen.insert(wanted.hash).inserted }) else { return }
        slots.wait()
        queue.async(group: group) { [self] in
            defer { slots.signal() }
            do throws(ReaderProblem) {
                let object = try objects.object(wanted)
                state.withLock { state in
                    state.result.count += 1
                    state.result.bytes += object.size
                    state.progress.show(state.result.count, state.result.bytes)
                }
            } catch {
                state.withLock { state in
                    state.result.failed += 1
                    state.problem = state.problem ?? error
                }
            }
        }
    }

    /// Waits for all of them.
    ///
    /// - Throws: the first problem, after everything else was tried.
    func finish() throws(ReaderProblem) -> Result {
        group.wait()
        let (result, problem) = state.withLock { state in
            state.progress.close()
            return (state.result, state.problem)
        }
        if let problem {
            StandardError.print(
                "wharf: \(result.failed) of \(result.count + result.failed) objects are missing"
            )
            throw problem
        }
        return result
    }
}
