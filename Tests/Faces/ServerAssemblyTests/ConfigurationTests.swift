// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

import ServerAssembly
import TestSupport
import Testing

@Suite struct ConfigurationTests {
    private func read(
        flags: [String: String] = [:],
        environment: [String: String] = [:],
        file: String? = nil
    ) async throws -> ServerConfiguration {
        try await TestScope.run { scope in
            let path = try file.map { try scope.write(Array($0.utf8), to: "wharf.yaml") }
            return try ConfigurationSources(flags: flags, environment: environment, file: path)
                .configuration()
        }
    }

    @Test("without any source everything has its default")
    func defaults() async throws {
        let configuration = try await read()
        #expect(configuration == ServerConfiguration())
        #expect(configuration.listen.description == "127.0.0.1:5000")
    }

    @Test("flags win over the environment, that over the file")
    func precedence() async throws {
        let file = "listen: 127.0.0.1:1\nuploads:\n  expiry: 2h\nlimits: {manifest: 8MiB}\n"
        #expect(try await read(file: file).listen.port == 1)
        let environment = ["WHARF_LISTEN": "127.0.0.1:2", "WHARF_HTTP_IDLE_TIMEOUT": "30s"]
        let configuration = try await read(environment: environment, file: file)
        #expect(configuration.listen.port == 2)
        #expect(configuration.uploadExpiry == .seconds(7_200))
        #expect(configuration.manifestLimitInBytes == 8 << 20)
        #expect(configuration.idleTimeout == .seconds(30))
        let flags = ["listen": "127.0.0.1:3"]
        #expect(try await read(flags: flags, environment: environment, file: file).listen.port == 3)
    }

    @Test("all faults are reported at once, with their lines")
    func faults() async throws {
        let file =
            "lisen: x\nlisten: nowhere\nuploads:\n  expiry: 30\n  speed: 1\nlimits: 4\nserver:\n  name: [a]\n"
        let problem = await #expect(throws: ConfigurationProblem.self) { try await read(file: file) }
        let faults = problem?.faults ?? []
        #expect(faults.count == 6)
        #expect(faults.contains { $0.contains("line 1: unknown key 'lisen'") })
        #expect(faults.contains { $0.contains("line 2: listen 'nowhere' is not HOST:PORT") })
        #expect(faults.contains { $0.contains("line 4: uploads.expiry '30' is not a time") })
        #expect(faults.contains { $0.contains("line 5: unknown key 'uploads.speed'") })
        #expect(faults.contains { $0.contains("line 6: 'limits.' has the wrong type") })
        #expect(faults.contains { $0.contains("line 8: 'server.name' has the wrong type") })
    }

    @Test(
        "values out of their range are faults",
        arguments: [
            ("uploads.expiry", "59s"), ("http.idleTimeout", "2d"), ("limits.manifest", "1KiB"),
            ("log.level", "loud"),
            ("log.format", "xml"), ("log.access", "yes"), ("log.slowRequest", "5"),
            ("registry.readOnly", "1"),
            ("storage.minimumFree", "0"), ("data", ""), ("server.name", "a/b"),
        ]
    )
    func ranges(key: String, text: String) async {
        let problem = await #expect(throws: ConfigurationProblem.self) { try await read(flags: [key: text]) }
        #expect(problem?.faults.count == 1)
        #expect(problem?.faults.first?.hasPrefix("--\(key) '\(text)' is") == true)
    }

    @Test("words, flags and sizes are read")
    func forms() async throws {
        let configuration = try await read(
            environment: [
                "WHARF_LOG_FORMAT": "json", "WHARF_LOG_ACCESS": "true", "WHARF_LOG_SLOW_REQUEST": "0s",
                "WHARF_REGISTRY_READ_ONLY": "true", "WHARF_STORAGE_MINIMUM_FREE": "1TiB",
            ]
        )
        #expect(configuration.logFormat == .json)
        #expect(configuration.logsAccess && configuration.isReadOnly)
        #expect(configuration.slowRequest == .zero)
        #expect(configuration.minimumFreeInBytes == 1 << 40)
    }

    @Test("a file that is not there or not YAML is a fault", arguments: ["a: [", "\t", "a: 1\na: 2"])
    func broken(text: String) async {
        await #expect(throws: ConfigurationProblem.self) { try await read(file: text) }
        #expect(throws: ConfigurationProblem.self) {
            try ConfigurationSources(flags: [:], environment: [:], file: "/nowhere/wharf.yaml")
                .configuration()
        }
    }

    @Test(
        "an address is a host and a port",
        arguments: [
            ("127.0.0.1:5000", true), ("[::1]:5000", true), ("localhost:0", true), ("0.0.0.0:80", false),
            ("example.org:1", false), ("[::]:1", false), ("127.0.0.1.example.org:1", false),
        ]
    )
    func addresses(text: String, isLoopback: Bool) throws {
        let address = try #require(ListenAddress(text))
        #expect(address.description == text)
        #expect(address.isLoopback == isLoopback)
    }

    @Test(
        "what is no address is refused",
        arguments: ["", "5000", ":5000", "a:", "a:99999", "::1:5000", "a:-1", "a:+1x"]
    )
    func noAddress(text: String) {
        #expect(ListenAddress(text) == nil)
    }
}
