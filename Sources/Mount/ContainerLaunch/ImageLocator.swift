// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import Digests
package import OCISpec

#if canImport(Glibc)
internal import Glibc
#endif

/// Finds the tree and the configuration of an image in the mounted repositories.
package struct ImageLocator {
    /// An image that is ready to run.
    package struct Image {
        /// The root file system, an absolute path without links: a tag that moves later changes nothing.
        package let root: String
        /// How to run it.
        package let config: ImageConfig
    }

    private let mounts: [String]
    private let architecture: String

    /// Looks in mount points, in order.
    package init(mounts: [String]) {
        self.mounts = mounts
        #if arch(arm64)
        architecture = "arm64"
        #else
        architecture = "amd64"
        #endif
    }

    /// Finds an image by its reference.
    ///
    /// - Throws: `notFound` with every place that was tried; `noConfig`.
    package func find(_ reference: ImageReference) throws(LaunchProblem) -> Image {
        guard let tag = reference.tag, reference.digest == nil else {
            throw LaunchProblem(
                .badReference,
                "\(reference) names a digest, and published trees are found by tag",
                remedy: "give a tag, or the path of the tree below /.flat"
            )
        }
        let path = "\(reference.host)/\(reference.repository):\(tag)"
        for mount in mounts {
            guard let root = Self.resolve("\(mount)/\(path)"), root.hasPrefix(mount + "/") else { continue }
            return Image(root: root, config: try config(of: root, path, in: mount))
        }
        let places = mounts.map { "\($0)/\(path)" }
        throw LaunchProblem(
            .notFound,
            places.isEmpty
                ? "no repository is mounted"
                : "the image is not published: tried \(places.joined(separator: ", "))",
            remedy: places.isEmpty
                ? "mount one with wharf mount" : "ask the registry with: wharf image status \(reference)"
        )
    }

    /// Takes the root file system in a directory, with nothing known about how to run it.
    package static func tree(at path: String) throws(LaunchProblem) -> Image {
        guard let root = resolve(path) else {
            throw LaunchProblem(.notFound, "there is no tree at \(path)")
        }
        do throws(OCIProblem) {
            return Image(root: root, config: try ImageConfig(parsing: Array("{}".utf8)))
        } catch {
            throw LaunchProblem(.noConfig, "an empty configuration is refused", cause: error)
        }
    }

    /// Reads the configuration beside the tree.
    ///
    /// The tree's directory bears the configuration's digest, which tells the right one of an index's
    /// platforms and that the bytes are right.
    private func config(of root: String, _ path: String, in mount: String) throws(LaunchProblem)
        -> ImageConfig
    {
        let digest = root.split(separator: "/").last.map { String($0) } ?? ""
        let places = ["\(mount)/.metadata/\(path)", "\(mount)/.metadata/.multiarch/\(architecture)/\(path)"]
        for place in places {
            guard let bytes = WholeFile.read(place + "/image-config.json", limit: 4 << 20),
                OCIDigest(of: bytes).encoded == digest
            else { continue }
            do throws(OCIProblem) { return try ImageConfig(parsing: bytes) } catch {
                throw LaunchProblem(.noConfig, "the configuration in \(place) is malformed", cause: error)
            }
        }
        throw LaunchProblem(
            .noConfig,
            "no configuration of \(digest) was found in \(places.joined(separator: ", "))"
        )
    }

    private static func resolve(_ path: String) -> String? {
        guard let resolved = realpath(path, nil) else { return nil }
        defer { free(resolved) }
        return String(cString: resolved)
    }
}

/// Files that fit into memory.
enum WholeFile {
    /// The content of a file; `nil` if it cannot be read or is larger than `limit`.
    static func read(_ path: String, limit: Int) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        return read(descriptor, limit: limit)
    }

    /// The content of an open file, which is closed.
    static func read(_ descriptor: Int32, limit: Int) -> [UInt8]? {
        defer { close(descriptor) }
        var content: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while content.count <= limit {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { return nil }
            if count == 0 { return content }
            content += buffer[..<count]
        }
        return nil
    }
}
