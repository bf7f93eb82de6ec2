// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The rooms as Package.swift declares them: one line per room, below the comment that names the storey.
struct FloorPlan {
    /// A target of ours.
    struct Room {
        var name: String
        /// The folder of its sources.
        var path: String
        /// From 0; programs stand above all storeys, tests at no storey.
        var storey: Int?
        /// Names of modules: rooms and products of packages.
        var dependencies: Set<String>
        var isTest: Bool
    }

    private(set) var rooms: [Room] = []

    /// All rooms but the tests, by name.
    var byName: [String: Room] {
        Dictionary(rooms.filter { !$0.isTest }.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// What a room reaches through its dependencies, itself included.
    func reach(of name: String) -> Set<String> {
        let plan = byName
        var seen: Set<String> = []
        var pending = [name]
        while let next = pending.popLast() {
            guard seen.insert(next).inserted, let room = plan[next] else { continue }
            pending += room.dependencies.filter { plan[$0] != nil }
        }
        return seen
    }

    /// Reads the manifest's text.
    init(manifest: String) {
        let products = Self.products(in: manifest)
        var storey: Int?
        var rest = manifest[
            (manifest.range(of: "targets: [\n        //")?.lowerBound ?? manifest.startIndex)...
        ]
        while let match = rest.firstMatch(of: Self.landmark) {
            let (found, kind) = (match.output.0, match.output.2)
            if let number = match.output.1 {
                storey = Int(number)
            } else if let kind {
                let call = Self.call(in: rest[found.startIndex...])
                if let room = Self.room(String(kind), call, products, storey) { rooms.append(room) }
            } else {
                storey = nil
            }
            rest = rest[found.endIndex...]
        }
    }

    // A storey's headline, a target, or the headline after the last storey.
    private static var landmark: Regex<(Substring, Substring?, Substring?)> {
        /\/\/ Storey (\d)|\b(room|tests|program|systemLibrary|target|testTarget|executableTarget)\(|\/\/ (?:Programs|Tests|Integration|Support)/
    }

    private static func room(
        _ kind: String,
        _ call: Substring,
        _ products: [String: String],
        _ storey: Int?
    ) -> Room? {
        let words = call.matches(of: /"([^"]*)"/).map { String($0.output.1) }
        guard let name = words.first else { return nil }
        let wing = call.firstMatch(of: /in: "([^"]*)"/).map { String($0.output.1) }
        let list = call.firstMatch(of: /\[([^\]]*)\]/).map { $0.output.1 } ?? ""
        var dependencies = Set(list.matches(of: /"([^"]*)"/).map { String($0.output.1) })
        dependencies.formUnion(list.matches(of: /\b[a-z]\w*/).compactMap { products[String($0.output)] })
        let named = call.firstMatch(of: /path: "([^"]*)"/).map { String($0.output.1) }
        switch kind {
        case "room":
            return Room(name, "Sources/\(wing ?? "")/\(name)", storey, dependencies)
        case "tests":
            dependencies.insert(name)
            return Room("\(name)Tests", "Tests/\(wing ?? "")/\(name)Tests", nil, dependencies, isTest: true)
        case "program":
            return Room(name, "Sources/Programs/\(name)", 5, dependencies)
        case "systemLibrary":
            return Room(name, named ?? "Sources/Ground/C/\(name)", storey, [])
        default:
            let isTest = named?.hasPrefix("Tests/") ?? false
            return Room(name, named ?? "", isTest ? nil : storey, dependencies, isTest: isTest)
        }
    }

    /// The text from a call's name to the parenthesis that closes it.
    private static func call(in text: Substring) -> Substring {
        var depth = 0
        for index in text.indices {
            if text[index] == "(" { depth += 1 }
            if text[index] == ")" {
                depth -= 1
                if depth == 0 { return text[...index] }
            }
        }
        return text
    }

    /// The modules of other packages by the constants that stand for them.
    private static func products(in manifest: String) -> [String: String] {
        let found = manifest.matches(of: /let (\w+) = Target\.Dependency\.product\(name: "(\w+)"/)
        return Dictionary(
            found.map { (String($0.output.1), String($0.output.2)) },
            uniquingKeysWith: { first, _ in first }
        )
    }
}

extension FloorPlan.Room {
    fileprivate init(
        _ name: String,
        _ path: String,
        _ storey: Int?,
        _ dependencies: Set<String>,
        isTest: Bool = false
    ) {
        self.init(name: name, path: path, storey: storey, dependencies: dependencies, isTest: isTest)
    }
}
