// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

import FileTree
import Testing

/// The merge against a model that knows nothing but a dictionary of paths.
///
/// The model has no links, so the random layers have none either.
@Suite struct MergeModelTests {
    private struct Model {
        /// The number of a file, or `nil` for a directory.
        var entries: [String: Int?] = [:]

        mutating func apply(_ layer: [Step]) {
            for step in layer {
                switch step {
                case .whiteout(let path): remove(path)
                case .opaque(let path):
                    // Only what is a directory can be emptied.
                    guard path.isEmpty || entries[path] == .some(nil) else { continue }
                    let prefix = path.isEmpty ? "" : path + "/"
                    for key in entries.keys where key.hasPrefix(prefix) { entries[key] = nil }
                default: continue
                }
            }
            for step in layer {
                switch step {
                case .directory(let path, _):
                    makeParents(of: path)
                    if entries[path] != .some(nil) { remove(path) }
                    entries.updateValue(nil, forKey: path)
                case .file(let path, let number):
                    makeParents(of: path)
                    remove(path)
                    entries.updateValue(number, forKey: path)
                default: continue
                }
            }
        }

        private mutating func remove(_ path: String) {
            for key in entries.keys where key == path || key.hasPrefix(path + "/") {
                entries.removeValue(forKey: key)
            }
        }

        private mutating func makeParents(of path: String) {
            let parts = path.split(separator: "/").dropLast()
            for count in parts.indices {
                let parent = parts[...count].joined(separator: "/")
                if entries[parent] != .some(nil) { remove(parent) }
                entries.updateValue(nil, forKey: parent)
            }
        }

        var listing: [String] {
            entries.map { path, number in number.map { "\(path):\($0)" } ?? path + "/" }.sorted()
        }
    }

    @Test("random layers merge as the model says", arguments: 0..<300)
    func equalsModel(seed: UInt64) throws {
        var random = Seeded(seed: seed)
        var model = Model()
        var layers: [[Step]] = []
        for _ in 0..<4 {
            let layer = (0..<Int.random(in: 1...8, using: &random)).map { _ in Self.step(using: &random) }
            layers.append(layer)
            model.apply(layer)
        }
        #expect(try merged(layers).listing == model.listing, "seed \(seed)")
    }

    static func step(using random: inout Seeded) -> Step {
        let depth = Int.random(in: 1...3, using: &random)
        let path = (0..<depth).map { _ in ["a", "b", "c"][Int.random(in: 0..<3, using: &random)] }.joined(
            separator: "/"
        )
        switch Int.random(in: 0..<10, using: &random) {
        case 0..<2: return .directory(path)
        case 2..<7: return .file(path, Int.random(in: 1...99, using: &random))
        case 7..<9: return .whiteout(path)
        default: return .opaque(path)
        }
    }
}

/// A generator that gives the same numbers for the same seed (SplitMix64).
struct Seeded: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
        return mixed ^ mixed >> 31
    }
}
