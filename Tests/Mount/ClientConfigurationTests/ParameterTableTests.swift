// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

import ClientConfiguration
import Foundation
import Testing

@Suite("parameters of the stock client")
struct ParameterTableTests {
    private static func content(_ path: String, _ file: String = #filePath) throws -> String {
        // This file is in Tests/Mount/ClientConfigurationTests.
        let root = URL(filePath: file).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        return try String(contentsOf: root.appending(path: path), encoding: .utf8)
    }

    @Test("every parameter that the stock client knows has a row, and no other has")
    func complete() throws {
        let known = Set(
            try Self.content("Tests/Fixtures/client-parameters/names.txt").split(separator: "\n").map {
                String($0)
            }
        )
        let rows = ParameterTable.sections.flatMap(\.rows).map(\.name)
        #expect(Set(rows).count == rows.count)
        #expect(known.subtracting(rows) == [])
        #expect(Set(rows).subtracting(known) == [])
    }

    @Test("the page of the documentation is the table")
    func page() throws {
        let page = try Self.content("docs/client/parameters.md")
        #expect(
            page == ParameterTable.markdown,
            "run: wharf client config --print-reference > docs/client/parameters.md"
        )
    }

    @Test("what the table calls honoured is read by the client, and what it calls ignored is not")
    func truth() throws {
        // All of the client but the table itself.
        let folders = [
            "Sources/Faces/NodeCommands", "Sources/Mount/MountClient", "Sources/Mount/ClientConfiguration",
        ]
        let code = try folders.map(Self.code).joined()
        // By nature: the system's resolver always follows its configuration, and a mount always leaves its session.
        let byNature: Set = ["CVMFS_DNS_ROAMING", "CVMFS_SYSTEMD_NOKILL"]
        for row in ParameterTable.sections.flatMap(\.rows) where !row.name.contains("<inst>") {
            let isRead = code.contains("\"\(row.name)\"")
            if case .ignored = row.treatment {
                #expect(!isRead, "\(row.name) is listed as ignored")
            } else {
                #expect(isRead || byNature.contains(row.name), "\(row.name) is read nowhere")
            }
        }
    }

    private static func code(of folder: String) throws -> String {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().appending(path: folder)
        let files = FileManager.default.enumerator(at: root, includingPropertiesForKeys: nil)
        return try (files?.allObjects ?? []).compactMap { $0 as? URL }
            .filter { $0.pathExtension == "swift" && !$0.lastPathComponent.hasPrefix("ParameterTable") }
            .map { try String(contentsOf: $0, encoding: .utf8) }.joined()
    }

    @Test("rows with an instance describe each instance")
    func instances() {
        #expect(ParameterTable.row(of: "CVMFS_CACHE_ssd_TYPE")?.name == "CVMFS_CACHE_<inst>_TYPE")
        #expect(ParameterTable.row(of: "CVMFS_CACHE_BASE")?.name == "CVMFS_CACHE_BASE")
        #expect(ParameterTable.row(of: "CVMFS_NONSENSE") == nil)
    }

    @Test("what is set without an effect is named with its place and the reason")
    func warnings() {
        var parameters = ParameterSet()
        parameters.set("CVMFS_NFILES", to: "1", from: .file("/etc/cvmfs/default.local", line: 3))
        parameters.set("CVMFS_SUID", to: "yes", from: .commandLine)
        parameters.set("CVMFS_USER", to: "", from: .commandLine)
        let warnings = ParameterTable.warnings(for: parameters)
        #expect(warnings.count == 1)
        #expect(warnings[0].hasPrefix("CVMFS_NFILES (/etc/cvmfs/default.local:3) has no effect: "))
    }
}
