// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// The pages of the project hold together.
@Suite("The documents")
struct DocumentTests {
    private func pages() throws -> [Checkout.File] {
        let top = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"].filter(Checkout.exists)
        let below = try ["docs", "Tests", "Benchmarks", "Fuzzing"].flatMap {
            try Checkout.files(below: $0, suffixes: [".md"])
        }
        return try top.map { Checkout.File(path: $0, text: try Checkout.text(of: $0)) } + below
    }

    @Test("a relative link leads somewhere")
    func linksLead() throws {
        for page in try pages() {
            let folder = page.path.split(separator: "/").dropLast().joined(separator: "/")
            for (number, text) in page.lines {
                for link in text.matches(of: /\]\(([^)\s]+)\)/).map({ String($0.output.1) }) {
                    guard !link.contains("://"), !link.hasPrefix("#"), !link.hasPrefix("mailto:") else {
                        continue
                    }
                    let target = link.split(separator: "#").first.map { String($0) } ?? ""
                    let path = folder.isEmpty ? target : "\(folder)/\(target)"
                    #expect(Checkout.exists(path), "\(page.path):\(number): \(link) leads nowhere")
                }
            }
        }
    }

    @Test("every folder of fixtures says where they come from")
    func fixturesHaveProvenance() throws {
        let base = Checkout.root.appending(path: "Tests/Fixtures")
        let names = (try? FileManager.default.contentsOfDirectory(atPath: base.path())) ?? []
        for name in names where !name.hasPrefix(".") {
            #expect(
                Checkout.exists("Tests/Fixtures/\(name)/README.md"),
                "Tests/Fixtures/\(name) has no README.md"
            )
        }
    }

    @Test("ARCHITECTURE.md tells of every room, and of no other")
    func architectureIsComplete() throws {
        let plan = FloorPlan(manifest: try Checkout.text(of: "Package.swift"))
        let text = try Checkout.text(of: "docs/ARCHITECTURE.md")
        let told = Set(text.matches(of: /(?m)^### (\w+)/).map { String($0.output.1) })
        let rooms = Set(
            plan.rooms.filter {
                !$0.isTest && $0.path.hasPrefix("Sources/") && !$0.path.hasPrefix("Sources/Ground/C/")
            }
            .map(\.name)
        )
        #expect(rooms.subtracting(told).sorted() == [], "rooms without a paragraph")
        #expect(told.subtracting(rooms).sorted() == [], "paragraphs without a room")
    }

    @Test("each decision has a number of its own")
    func decisionsAreNumbered() throws {
        let names = try Checkout.files(below: "docs/decisions", suffixes: [".md"]).map { String($0.name) }
        let numbers = names.compactMap { Int($0.prefix(4)) }
        #expect(!names.isEmpty)
        #expect(numbers.count == names.count, "a record without a number: \(names)")
        #expect(Set(numbers).count == numbers.count, "two records of one number: \(names)")
    }
}
