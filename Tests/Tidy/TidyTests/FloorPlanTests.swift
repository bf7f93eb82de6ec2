// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// The sources keep to the floor plan of Package.swift.
@Suite("The floor plan")
struct FloorPlanTests {
    let plan: FloorPlan

    init() throws { plan = FloorPlan(manifest: try Checkout.text(of: "Package.swift")) }

    /// What comes with the toolchain.
    static let toolchain: Set<String> = [
        "Dispatch", "Foundation", "FoundationEssentials", "Glibc", "Musl", "Synchronization", "Testing",
        "PackageDescription",
    ]

    /// An import of a file: the module, and the line.
    private func imports(in file: Checkout.File) -> [(module: String, line: Int)] {
        let pattern = #/^\s*(?:@\w+ )*(?:\w+ )?import (?:(?:struct|enum|class|func|protocol) )?(\w+)/#
        var found: [(module: String, line: Int)] = []
        var isText = false
        for (number, text) in file.lines {
            // Between these quotes stand other languages' programs.
            if text.contains("\"\"\"") { isText.toggle() }
            guard !isText, text.contains("import "), let match = text.firstMatch(of: pattern) else {
                continue
            }
            found.append((String(match.output.1), number))
        }
        return found
    }

    @Test("the manifest is understood: rooms on five storeys, and two programs")
    func manifestIsUnderstood() {
        #expect(plan.byName.count > 20)
        #expect(Set(plan.rooms.compactMap(\.storey)) == [0, 1, 2, 3, 4, 5])
        #expect(plan.rooms.filter { $0.storey == 5 }.map(\.name).sorted() == ["wharf", "wharfd"])
        for room in plan.rooms {
            #expect(Checkout.exists(room.path), "\(room.name) has no folder \(room.path)")
        }
    }

    @Test("a file imports only what its room's line in Package.swift names")
    func importsAreDeclared() throws {
        for room in plan.rooms {
            let allowed = room.dependencies.union(Self.toolchain).union([room.name])
            for file in try Checkout.files(below: room.path, suffixes: [".swift"]) {
                for (module, line) in imports(in: file) where !allowed.contains(module) {
                    Issue.record("\(file.path):\(line): \(module) is no direct dependency of \(room.name)")
                }
            }
        }
    }

    @Test("no room depends on a room of a higher storey, nor on a later line of its own")
    func noUpwardDependency() {
        var seen: [String: Int] = [:]
        for room in plan.rooms where !room.isTest {
            for name in room.dependencies where plan.byName[name] != nil {
                #expect(
                    seen[name] != nil,
                    "\(room.name) depends on \(name), which stands below it in Package.swift"
                )
                let (lower, upper) = (seen[name] ?? 0, room.storey ?? 0)
                #expect(
                    lower <= upper,
                    "\(room.name) on storey \(upper) depends on \(name) on storey \(lower)"
                )
            }
            seen[room.name] = room.storey ?? 0
        }
    }

    @Test("pure rooms do no input or output, read no clock, draw no random number and do not log")
    func pureRoomsArePure() throws {
        let modules: Set = ["Foundation", "Dispatch", "Logging", "NIOCore", "NIOPosix", "Glibc"]
        // Problems turns an error number into the system's words for it, and does nothing else with the C library.
        let exceptions: Set = ["Problems Glibc"]
        let words =
            #/\b(?:Date\(\)|ContinuousClock|SuspendingClock|FileHandle|FileManager|\w+\.random\(|getenv\(|Task\s*\{)/#
        for room in plan.rooms where !room.isTest && (room.storey ?? 9) <= 1 {
            for file in try Checkout.files(below: room.path, suffixes: [".swift"]) {
                for (module, line) in imports(in: file)
                where modules.contains(module) && !exceptions.contains("\(room.name) \(module)") {
                    Issue.record("\(file.path):\(line): the pure room \(room.name) imports \(module)")
                }
                for (number, text) in file.lines where text.firstMatch(of: words) != nil && !text.isComment {
                    Issue.record(
                        "\(file.path):\(number): the pure room \(room.name) reaches outside: \(text)"
                    )
                }
            }
        }
    }

    @Test("a C target has one importer")
    func oneImporterOfC() throws {
        let targets = plan.rooms.filter { $0.path.hasPrefix("Sources/Ground/C/") }.map(\.name)
        #expect(targets.count >= 6)
        for name in targets {
            let importers = plan.rooms.filter { !$0.isTest && $0.dependencies.contains(name) }.map(\.name)
            #expect(importers.count <= 1, "\(name) is imported by \(importers.joined(separator: " and "))")
        }
    }

    @Test("what a node installs reaches no room of the server")
    func nodeIsSmall() throws {
        let node = try #require(plan.byName["NodeCommands"])
        let allowed: Set = [
            "NodeCommands", "Problems", "Digests", "Telemetry", "CompressionCodecs", "FileTree", "OCISpec",
            "CVMFSFormat", "FUSEWire", "EROFSImage", "TransferPlanning", "ClientConfiguration", "ELFHeaders",
            "HTTPFetching", "ObjectCache",
            "CVMFSCatalog",
            "RegistryClient", "CVMFSReader", "MountClient", "ContainerLaunch",
        ]
        let rooms = plan.reach(of: node.name).filter {
            plan.byName[$0]?.path.hasPrefix("Sources/Ground/C/") == false
        }
        let others = rooms.subtracting(allowed)
        #expect(others.isEmpty, "NodeCommands reaches \(others.sorted().joined(separator: ", "))")
        #expect(plan.byName["wharf"]?.dependencies == ["NodeCommands"])
    }
}

extension Substring {
    /// Whether the line holds a comment only.
    var isComment: Bool { drop { $0 == " " }.hasPrefix("//") }
}
