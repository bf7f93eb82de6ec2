// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

package import Digests
internal import Foundation
internal import OCISpec
internal import Problems

/// OCI image layouts: one, or many below a directory, whose paths are then the names of the repositories; so is zot's
/// storage.
///
/// ```
/// <directory>/oci-layout
/// <directory>/index.json          the manifests, with their tags as annotations
/// <directory>/blobs/sha256/<hex>  blobs and manifests
/// ```
/// - Source: OCI image specification 1.1, "image layout"; zot 2.1, "storage".
package struct LayoutTree: ImportSource {
    /// The annotation that holds a tag.
    private static let referenceName = "org.opencontainers.image.ref.name"
    /// The index of a repository of a hundred thousand manifests has some 30 MB.
    private static let indexLimit = 256 << 20

    private let found: [SourceRepository]

    /// Opens a directory.
    ///
    /// - Parameters:
    ///   - directory: a layout, or one with layouts at any depth.
    ///   - name: what the repository of a single layout is called; by default as the directory.
    /// - Throws: `notASource`, `noName`.
    package init(_ directory: String, name: String?) throws(ImportProblem) {
        guard SourceFiles.isDirectory(directory) else {
            throw ImportProblem(.notASource, "\(directory) is no directory")
        }
        if Self.isLayout(directory) {
            let standard = URL(fileURLWithPath: directory).standardizedFileURL.lastPathComponent
            found = [SourceRepository(name: name ?? standard, directory: directory)]
            return
        }
        guard name == nil else {
            throw ImportProblem(
                .noName,
                "\(directory) is not a layout itself, so one name is not enough",
                remedy: "leave --repository away: repositories are called by their paths"
            )
        }
        found = Self.layouts(below: directory)
        guard !found.isEmpty else {
            throw ImportProblem(
                .notASource,
                "there is no OCI layout in \(directory)",
                remedy: "name a directory with a file oci-layout, or one above such directories"
            )
        }
    }

    package func repositories() -> [SourceRepository] { found }

    private static func layouts(below root: String) -> [SourceRepository] {
        var found: [SourceRepository] = []
        var pending = [""]
        while let path = pending.popLast() {
            let directory = path.isEmpty ? root : root + "/" + path
            if isLayout(directory) { found.append(SourceRepository(name: path, directory: directory)) }
            for child in SourceFiles.names(in: directory)
            where !child.hasPrefix("_") && !child.hasPrefix(".") && child != "blobs" {
                let below = path.isEmpty ? child : path + "/" + child
                // Deeper than any name may be long, so there is a loop of links.
                if below.utf8.count <= 1024, SourceFiles.isDirectory(root + "/" + below) {
                    pending.append(below)
                }
            }
        }
        return found.sorted { $0.name < $1.name }
    }

    package func contents(of repository: SourceRepository) throws -> SourceContents {
        let index: ImageIndex
        do {
            let bytes = try SourceFiles.bytes(
                of: repository.directory + "/index.json",
                limit: Self.indexLimit
            )
            let manifest = try Manifest(
                parsing: bytes,
                declaredType: MediaType.ociIndex,
                sizeLimit: Self.indexLimit
            )
            guard case .index(let found) = manifest.content else { return SourceContents() }
            index = found
        } catch {
            var contents = SourceContents()
            contents.refusals.append(("index.json", (error as? any Problem)?.message ?? "\(error)"))
            return contents
        }
        var contents = SourceContents()
        for descriptor in index.manifests {
            contents.manifests[descriptor.digest] = descriptor.mediaType
            guard let text = descriptor.annotations[Self.referenceName] else { continue }
            // Some tools write the whole reference.
            let tag = TagName(text) == nil ? text.split(separator: ":").last.map(String.init) ?? text : text
            contents.tags.append((tag, descriptor.digest))
        }
        return contents
    }

    package func path(of digest: OCIDigest, in repository: SourceRepository) -> String {
        "\(repository.directory)/blobs/\(digest.algorithm.rawValue)/\(digest.encoded)"
    }

    private static func isLayout(_ directory: String) -> Bool {
        SourceFiles.exists(directory + "/oci-layout") && SourceFiles.exists(directory + "/index.json")
    }
}
