// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CLinux

#if canImport(Glibc)
internal import Glibc
#endif

/// A thread of our own, for loops that block: the cooperative pool must never wait for the kernel or a disk.
struct WorkerThread {
    private let thread: pthread_t

    private final class Body {
        let name: String
        let run: @Sendable () -> Void

        init(name: String, run: @escaping @Sendable () -> Void) {
            self.name = name
            self.run = run
        }
    }

    /// Starts a thread.
    ///
    /// - Parameters:
    ///   - name: shown by `ps -T`; at most 15 bytes.
    ///   - run: what the thread does.
    init(_ name: String, run: @escaping @Sendable () -> Void) {
        var thread = pthread_t()
        let body = Unmanaged.passRetained(Body(name: name, run: run))
        let code = pthread_create(
            &thread,
            nil,
            { argument in
                guard let argument else { return nil }
                let body = Unmanaged<Body>.fromOpaque(argument).takeRetainedValue()
                wharf_name_thread(body.name)
                body.run()
                return nil
            },
            body.toOpaque()
        )
        precondition(code == 0, "no thread can be started")
        self.thread = thread
    }

    /// Waits for its end.
    func join() { pthread_join(thread, nil) }
}
