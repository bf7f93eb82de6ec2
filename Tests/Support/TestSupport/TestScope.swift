// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import Foundation
internal import Synchronization

/// A test's own directory and the duties at its end.
///
/// Use it for everything that must be undone whatever happens: each duty runs, the last one first, even if the test
/// throws; then the directory is removed.
package final class TestScope: Sendable {
    /// Exists, is empty at first, and belongs to this scope alone.
    package let directory: String

    private let duties = Mutex<[@Sendable () async -> Void]>([])

    private init(directory: String) { self.directory = directory }

    /// Runs `body` with a fresh scope.
    package static func run<Value>(_ body: (TestScope) async throws -> Value) async throws -> Value {
        // Short and in lower case, since some tools bear no other paths.
        let path =
            FileManager.default.temporaryDirectory.path + "/wharf-" + UUID().uuidString.prefix(8).lowercased()
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        let scope = TestScope(directory: path)
        do {
            let value = try await body(scope)
            await scope.close()
            return value
        } catch {
            await scope.close()
            throw error
        }
    }

    /// Adds a duty.
    package func atEnd(_ duty: @escaping @Sendable () async -> Void) {
        duties.withLock { $0.append(duty) }
    }

    /// A path below the directory; nothing is made there.
    package func path(_ name: String) -> String { directory + "/" + name }

    /// Writes a file below the directory, with the directories on the way, and returns its path.
    @discardableResult
    package func write(_ content: some Sequence<UInt8>, to name: String) throws -> String {
        let url = URL(fileURLWithPath: path(name))
        try FileManager.default.createDirectory(
            at: url.deletingLastPathComponent(),
            withIntermediateDirectories: true
        )
        try Data(content).write(to: url)
        return url.path
    }

    private func close() async {
        while let duty = duties.withLock({ $0.popLast() }) { await duty() }
        // What cannot be removed stays in the system's temporary directory and harms nobody.
        try? FileManager.default.removeItem(atPath: directory)
    }
}
