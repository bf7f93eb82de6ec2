// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import Foundation

/// The programs that were built together with the tests.
package enum BuiltProgram {
    /// The path of `wharf` or `wharfd`: beside the test runner itself.
    package static func path(_ name: String) -> String {
        let runner = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        return URL(fileURLWithPath: runner).deletingLastPathComponent().path + "/" + name
    }
}
