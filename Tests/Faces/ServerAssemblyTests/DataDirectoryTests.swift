// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

import ServerAssembly
import TestSupport
import Testing

@Suite struct DataDirectoryTests {
    @Test("a data directory belongs to one process at a time")
    func lock() async throws {
        try await TestScope.run { scope in
            let path = scope.path("data")
            var first: DataDirectory? = try DataDirectory(opening: path)
            let problem = #expect(throws: ServerProblem.self) { try DataDirectory(opening: path) }
            #expect(problem?.code == .dataInUse)
            #expect(first?.keys == path + "/keys")
            first = nil
            #expect(try DataDirectory(opening: path).path == path)
        }
    }

    @Test("a directory that cannot be made is refused")
    func unusable() async throws {
        try await TestScope.run { scope in
            let file = try scope.write([], to: "file")
            for path in [file, file + "/below", scope.path("a/b/c")] {
                #expect(throws: ServerProblem.self) { try DataDirectory(opening: path) }
            }
        }
    }
}
