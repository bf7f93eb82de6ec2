// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import ServerAssembly
import Testing

@Suite struct ReferencePageTests {
    @Test("the committed reference pages say what the code says", arguments: ReferencePage.allCases)
    func committed(page: ReferencePage) throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().appending(
            path: "../../../docs/operations"
        )
        let file = root.appending(path: page.rawValue + ".md").standardized
        let text = try String(contentsOf: file, encoding: .utf8)
        #expect(
            text == page.text,
            "make it anew: wharfd serve --print-reference \(page.rawValue) > docs/operations/\(page.rawValue).md"
        )
    }
}
