// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

package import Digests
internal import Foundation

/// The storage of CNCF Distribution, which Harbor's is too.
///
/// ```
/// docker/registry/v2/
///   blobs/sha256/ab/abcdef…/data
///   repositories/<name>/_manifests/revisions/sha256/<hex>/link      holds "sha256:<hex>"
///   repositories/<name>/_manifests/tags/<tag>/current/link
///   repositories/<name>/_layers/sha256/<hex>/link                   not needed: manifests name their layers
///   repositories/<name>/_uploads/…                                  unfinished, left out
/// ```
/// - Source: CNCF Distribution 2.8, registry/storage/paths.go.
package struct DistributionTree: ImportSource {
    private let root: String

    /// Opens the directory that the registry calls its `rootdirectory`, or one of those below it up to `v2`.
    ///
    /// - Throws: `notASource`.
    package init(_ directory: String) throws(ImportProblem) {
        let candidates = ["/docker/registry/v2", "/registry/v2", "/v2", ""].map { directory + $0 }
        guard let root = candidates.first(where: { SourceFiles.isDirectory($0 + "/repositories") }) else {
            throw ImportProblem(
                .notASource,
                "\(directory) is no storage of CNCF Distribution: there is no docker/registry/v2/repositories",
                remedy: "name the directory that the registry's configuration calls rootdirectory"
            )
        }
        self.root = root
    }

    package func repositories() throws -> [SourceRepository] {
        var found: [SourceRepository] = []
        var pending = [""]
        while let name = pending.popLast() {
            let directory = root + "/repositories" + (name.isEmpty ? "" : "/" + name)
            for child in SourceFiles.names(in: directory) {
                if child == "_manifests" {
                    found.append(SourceRepository(name: name, directory: directory))
                } else if !child.hasPrefix("_"), SourceFiles.isDirectory(directory + "/" + child) {
                    let path = name.isEmpty ? child : name + "/" + child
                    // Deeper than any name may be long, so there is a loop of links.
                    if path.utf8.count <= 1024 { pending.append(path) }
                }
            }
        }
        return found.sorted { $0.name < $1.name }
    }

    package func contents(of repository: SourceRepository) throws -> SourceContents {
        var contents = SourceContents()
        let revisions = repository.directory + "/_manifests/revisions"
        for algorithm in SourceFiles.names(in: revisions) {
            for digits in SourceFiles.names(in: "\(revisions)/\(algorithm)") {
                let link = "\(revisions)/\(algorithm)/\(digits)/link"
                // A revision without a link was deleted.
                guard SourceFiles.exists(link) else { continue }
                guard let digest = OCIDigest("\(algorithm):\(digits)") else {
                    contents.refusals.append(("manifest \(algorithm):\(digits)", "its digest is malformed"))
                    continue
                }
                contents.manifests[digest] = .some(nil)
            }
        }
        let tags = repository.directory + "/_manifests/tags"
        for tag in SourceFiles.names(in: tags) {
            do throws(ImportProblem) {
                let bytes = try SourceFiles.bytes(of: "\(tags)/\(tag)/current/link", limit: 1024)
                let text = String(decoding: bytes, as: UTF8.self).trimmingCharacters(
                    in: .whitespacesAndNewlines
                )
                guard let digest = OCIDigest(text) else {
                    throw ImportProblem(.unreadable, "its link holds no digest")
                }
                contents.tags.append((tag, digest))
                if contents.manifests[digest] == nil { contents.manifests[digest] = .some(nil) }
            } catch {
                contents.refusals.append(("tag \(tag)", error.message))
            }
        }
        return contents
    }

    package func path(of digest: OCIDigest, in repository: SourceRepository) -> String {
        "\(root)/blobs/\(digest.algorithm.rawValue)/\(digest.encoded.prefix(2))/\(digest.encoded)/data"
    }
}
