// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CVMFSCatalog
internal import CVMFSFormat
internal import Digests
internal import ObjectCache

/// Verifies the named snapshots of a revision.
///
/// - Source: cvmfs-format C.19 (4), D.1.
struct HistoryCheck {
    let objects: ObjectFetcher
    let inventory: ObjectInventory
    let repository: RepositoryFQRN
    let sink: FaultSink

    /// Verifies the history that a manifest names.
    func run(_ manifest: PublishedManifest) {
        guard let hash = manifest.history else { return }
        let file = hash.objectPath(.history)
        do {
            let object = try objects.object(.init(hash, .history))
            inventory.noteVerified(hash, .history)
            let contents = try HistoryDatabase.read(path: object.path)
            if contents.repository != repository.name {
                sink.add(.history, file, "the history belongs to '\(contents.repository)'")
            }
            let branches = try HistoryDatabase.branches(path: object.path)
            for snapshot in contents.snapshots {
                if !branches.contains(snapshot.branch) {
                    sink.add(
                        .history,
                        file,
                        "the tag '\(snapshot.name)' is on '\(snapshot.branch)', which is no branch"
                    )
                }
                if snapshot.name.isEmpty || !snapshot.name.utf8.allSatisfy({ Self.signs.contains($0) }) {
                    sink.add(.history, file, "the tag '\(snapshot.name)' has signs that names may not have")
                }
                inventory.expect(
                    .init(snapshot.rootCatalog, .catalog),
                    at: Array("tag \(snapshot.name)".utf8)
                )
            }
        } catch let problem as ReaderProblem {
            sink.add(problem.code == .corrupt ? .corruptObject : .missingObject, file, "\(problem)")
        } catch {
            sink.add(.history, file, "\(error)")
        }
    }

    /// - Source: cvmfs-format D.1.
    private static let signs = Set(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:".utf8
    )
}
