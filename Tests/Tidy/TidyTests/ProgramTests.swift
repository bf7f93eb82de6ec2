// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// What the built programs link.
@Suite("The programs")
struct ProgramTests {
    /// The folder of the built products: the test runner's own.
    private static let products: URL? = {
        let runner = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
        let beside = [runner.deletingLastPathComponent()]
        let built = CommandLine.arguments.map { URL(filePath: $0).deletingLastPathComponent() }
        let candidates =
            beside + built + ["release", "debug"].map { Checkout.root.appending(path: ".build/\($0)") }
        return candidates.first {
            FileManager.default.isExecutableFile(atPath: $0.appending(path: "wharf").path())
        }
    }()

    private func output(of program: String, _ arguments: [String]) throws -> String {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = [program] + arguments
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = FileHandle.nullDevice
        try process.run()
        let data = try pipe.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return String(decoding: data, as: UTF8.self)
    }

    @Test(
        "the node's program links no database server, no LDAP, no HTTP server and no server room",
        .enabled(if: products != nil, "wharf has not been built: nothing was looked at")
    )
    func nodeProgramIsSmall() throws {
        let wharf = try #require(Self.products).appending(path: "wharf").path()
        let libraries = try output(of: "ldd", [wharf])
        #expect(libraries.contains("libcrypto"), "ldd says nothing: \(libraries)")
        for name in ["libpq", "libldap", "libmariadb", "libmysql"] { #expect(!libraries.contains(name)) }
        let symbols = try output(of: "nm", ["--defined-only", wharf])
        #expect(symbols.utf8.count > 100_000, "nm says nothing")
        // Mangled names hold the module's name with its length before it.
        for module in [
            "11Hummingbird", "15HummingbirdCore", "4GRDB", "4Yams", "15RegistryService", "14CVMFSPublisher",
            "15ImagePublishing", "14ServerAssembly", "13MetadataStore", "11BlobStorage",
        ] {
            #expect(!symbols.contains("$s\(module)"), "wharf contains \(module.drop { $0.isNumber })")
        }
    }

    @Test(
        "the two programs stand side by side",
        .enabled(if: products != nil, "wharf has not been built: nothing was looked at")
    )
    func programsStandSideBySide() throws {
        let wharfd = try #require(Self.products).appending(path: "wharfd").path()
        #expect(FileManager.default.isExecutableFile(atPath: wharfd), "there is no \(wharfd)")
    }
}
