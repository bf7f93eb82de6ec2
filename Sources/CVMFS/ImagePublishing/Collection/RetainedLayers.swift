// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

package import CVMFSPublisher
package import Digests
internal import FileTree
internal import Foundation
internal import LayerUnpacking

/// What the layer indexes of a repository hold on to: they are roots as long as they are there.
package enum RetainedLayers {
    /// Calls `body` for the object of each piece of each file of each layer.
    ///
    /// - Parameters:
    ///   - location: the repository.
    ///   - condemned: names of indexes that are about to go.
    ///   - onLayer: called after each index; what it throws ends the walk.
    ///   - body: gets the objects.
    /// - Throws: what reading an index throws, except that one which is damaged, which holds nothing.
    package static func forEachObject(
        of location: RepositoryLocation,
        except condemned: Set<String>,
        onLayer: () throws -> Void,
        _ body: (ContentHash) throws -> Void
    ) throws {
        for name in try FileManager.default.contentsOfDirectory(atPath: location.layers)
        where name.hasSuffix(".index") && !condemned.contains(name) {
            do {
                try LayerIndexReader(path: "\(location.layers)/\(name)").forEach { change in
                    guard case .entry(let entry) = change else { return }
                    for piece in entry.content?.pieces ?? [] { try body(piece.object) }
                }
            } catch let problem as LayerProblem where problem.code == .badIndex {
                // The publisher removes it when it wants to use it.
            }
            try onLayer()
        }
    }
}
