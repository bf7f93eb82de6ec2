// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

import Testing

/// What commands say of themselves.
@Suite("The help texts")
struct HelpTests {
    @Test("no line is longer than a terminal is wide, where the parser would break it once more")
    func linesFit() throws {
        var count = 0
        for file in try Checkout.files(below: "Sources/Faces", suffixes: [".swift"]) {
            for match in file.text.matches(of: #/discussion: """\n((?:.*\n)*?)( *)"""/#) {
                count += 1
                let indentation = match.output.2.count
                for line in match.output.1.split(separator: "\n") {
                    let shown = line.dropFirst(indentation).replacing("\\\\", with: "\\")
                    #expect(shown.count <= 80, "\(file.path): \(shown)")
                }
            }
        }
        #expect(count > 20, "the texts are not where they were")
    }
}
