// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

import Testing

/// What must never be in a source file, whatever it is about.
@Suite("The sources")
struct SourceTests {
    private static let languages = [".swift", ".c", ".h", ".modulemap", ".py", ".sh"]

    /// The program files of the checkout; those without a suffix are named.
    private func sources() throws -> [Checkout.File] {
        let named = [
            "Makefile", ".ci/run", "Package.swift", "Tests/EndToEnd/run", "Tests/Corpus/make-corpus",
            "Tests/Corpus/image-manifest", "Tests/Corpus/rootfs-manifest", "Tests/Corpus/push-layout",
        ]
        return try ["Sources", "Tests", "scripts", "Benchmarks", "Fuzzing"].flatMap {
            try Checkout.files(below: $0, suffixes: Self.languages)
        } + named.filter(Checkout.exists).map { Checkout.File(path: $0, text: try Checkout.text(of: $0)) }
    }

    @Test("every file begins with its copyright and its licence")
    func filesNameTheirLicence() throws {
        for file in try sources() where !file.path.contains("Fixtures/") && !file.path.contains("/.build/") {
            let head = file.text.prefix(400)
            #expect(head.contains("SPDX-FileCopyrightText: "), "\(file.path) does not name its authors")
            #expect(head.contains("SPDX-License-Identifier: "), "\(file.path) does not name its licence")
        }
    }

    @Test("a note to do something names its issue")
    func notesNameTheirIssue() throws {
        // Written in two parts, so that this line is none itself.
        let mark = try Regex("\\b(?:TO" + "DO|FIX" + "ME|X" + "XX)\\b(?!\\(#\\d+\\))")
        for file in try sources() where !file.path.contains("/.build/") {
            for (number, text) in file.lines where text.firstMatch(of: mark) != nil {
                Issue.record("\(file.path):\(number): a note without an issue: \(text)")
            }
        }
    }

    @Test(
        "nothing in the programs traps on what comes from outside",
        arguments: ["try!", "as!", "fatalError("]
    )
    func nothingTraps(word: String) throws {
        for file in try Checkout.files(below: "Sources", suffixes: [".swift"]) {
            for (number, text) in file.lines where text.contains(word) && !text.isComment {
                Issue.record("\(file.path):\(number): \(word) in \(text)")
            }
        }
    }

    @Test("every key of a log line is one of Telemetry's")
    func logKeysAreKnown() throws {
        let list = try Checkout.text(of: "Sources/Ground/Telemetry/LogKey.swift")
        let known = Set(list.matches(of: #/case \w+ = "([^"]+)"/#).map { String($0.output.1) })
        #expect(known.count > 10)
        for file in try Checkout.files(below: "Sources", suffixes: [".swift"]) {
            for match in file.text.matches(of: #/metadata: \[\s*"([^"]+)":/#)
            where !known.contains(String(match.output.1)) {
                Issue.record("\(file.path): the log key '\(match.output.1)' is not in LogKey")
            }
        }
    }

    @Test("matters of taste are reported, and judged by people")
    func reportTaste() throws {
        var report: [String] = []
        for file in try Checkout.files(below: "Sources", suffixes: [".swift"]) {
            let count = file.lines.count
            if count > 300 { report.append("\(file.path): \(count) lines") }
            var last: Substring = ""
            for (number, text) in file.lines {
                let bare = text.drop { $0 == " " }
                let isDocumented = last.isComment || last.drop { $0 == " " }.hasPrefix("@")
                if bare.hasPrefix("package "), !bare.hasPrefix("package import"), !bare.contains(" init("),
                    !isDocumented,
                    bare.contains(" func ") || bare.contains(" struct ") || bare.contains(" class ")
                {
                    report.append("\(file.path):\(number): not documented: \(bare.prefix(60))")
                }
                if bare.contains("@unchecked Sendable"), !last.isComment {
                    report.append("\(file.path):\(number): what makes this safe? \(bare.prefix(60))")
                }
                last = text
            }
        }
        print("Tidy's report, \(report.count) remarks:")
        for line in report { print("  \(line)") }
    }
}
