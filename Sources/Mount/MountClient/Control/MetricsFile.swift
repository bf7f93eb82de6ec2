// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import Dispatch
internal import Problems
internal import Synchronization

#if canImport(Glibc)
internal import Glibc
#endif

/// Keeps a file up to date with the numbers of a mount, for collectors that read text files.
final class MetricsFile: Sendable {
    private static let interval = 15.0
    private let path: String
    private let isStopped = Atomic(false)
    private let wake = DispatchSemaphore(value: 0)

    init(_ path: String) { self.path = path }

    /// Writes the file again and again until `stop`, and then takes it away.
    ///
    /// A failure is reported once until it goes well again.
    func run(_ metrics: () -> String, _ report: (String) -> Void) {
        var isFine = true
        while !isStopped.load(ordering: .relaxed) {
            do throws(SystemCallProblem) {
                try write(Array(metrics().utf8))
                isFine = true
            } catch {
                if isFine { report("the file of metrics cannot be written: \(error)") }
                isFine = false
            }
            _ = wake.wait(timeout: .now() + Self.interval)
        }
        unlink(path)
    }

    /// Ends `run`.
    func stop() {
        isStopped.store(true, ordering: .relaxed)
        wake.signal()
    }

    /// Readers see the old file or the new one, never a part.
    private func write(_ content: [UInt8]) throws(SystemCallProblem) {
        let temporary = "\(path).\(getpid())"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw SystemCallProblem("open", temporary) }
        let count = Glibc.write(descriptor, content, content.count)
        close(descriptor)
        guard count == content.count, rename(temporary, path) == 0 else {
            let problem = SystemCallProblem("write", path)
            unlink(temporary)
            throw problem
        }
    }
}
