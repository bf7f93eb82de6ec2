// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

package import Digests
package import FileTree
package import OCISpec

/// Where images stand in the published tree.
///
/// ```
/// /<registry>/<project>/<repository>:<tag>    link to the flat tree, for an index through /.multiarch
/// /.by-name/<registry>+<port>/<path>/<tag>    the same without colons
/// /.flat/<2>/<config digest>                  complete root file system
/// /.layers/<2>/<layer digest>/layerfs         one layer, where the project wants that
/// /.multiarch/<platform>/<registry>/…:<tag>   link to the flat tree of one platform
/// /.metadata/<registry>/…:<tag>/              manifest.json and what else describes the image
/// /podmanStore/                               additional image store for podman
/// ```
/// The layout is that of unpacked.cern.ch, so that its consumers work.
package struct TreeLayout: Sendable {
    /// The public name of this registry, as in references: `127.0.0.1:5000`.
    package let registry: String

    package init(registry: String) { self.registry = registry }

    package static let flat = TreePath(".flat")
    package static let layers = TreePath(".layers")
    package static let multiarch = TreePath(".multiarch")
    package static let metadata = TreePath(".metadata")
    package static let byName = TreePath(".by-name")

    /// The root of an image's flat tree.
    package static func flatTree(_ config: OCIDigest) -> TreePath {
        TreePath(".flat/\(config.encoded.prefix(2))/\(config.encoded)")
    }

    /// The root of a layer's tree, by the digest of its blob.
    package static func layerTree(_ blob: OCIDigest) -> TreePath {
        TreePath(".layers/\(blob.encoded.prefix(2))/\(blob.encoded)/layerfs")
    }

    /// A tag as users write it.
    package func reference(_ repository: RepositoryName, _ tag: TagName) -> String {
        "\(registry)/\(repository):\(tag)"
    }

    /// The public link of a tag.
    package func link(_ repository: RepositoryName, _ tag: TagName) -> TreePath {
        TreePath("\(registry)/\(repository):\(tag)")
    }

    /// The alias without colons.
    package func alias(_ repository: RepositoryName, _ tag: TagName) -> TreePath {
        TreePath(".by-name/\(registry.replacing(":", with: "+"))/\(repository)/\(tag)")
    }

    /// The link of a tag for one platform.
    package func platformLink(_ platform: PlatformName, _ repository: RepositoryName, _ tag: TagName)
        -> TreePath
    {
        TreePath(".multiarch/\(platform)").appending(link(repository, tag))
    }

    /// The directory that describes a tag; with a platform, the image of that platform.
    package func metadata(
        _ repository: RepositoryName,
        _ tag: TagName,
        platform: PlatformName? = nil
    ) -> TreePath {
        let base = platform.map { TreePath(".metadata/.multiarch/\($0)") } ?? Self.metadata
        return base.appending(link(repository, tag))
    }

    /// The target of the public link of an index: the client puts its platform in.
    package func variantTarget(from place: TreePath, _ repository: RepositoryName, _ tag: TagName) -> [UInt8]
    {
        place.relativeTarget(to: TreePath(".multiarch/$(CVMFS_ARCH:-amd64)").appending(link(repository, tag)))
    }

    /// Whether a directory begins a nested catalog when it is made.
    ///
    /// The great directories do, their two-character directories, and each registry and project below `/`,
    /// `/.metadata`, `/.multiarch/<platform>` and `/.by-name`: so the root catalog stays small.
    package static func ownsCatalog(_ path: TreePath) -> Bool {
        let parts = path.components
        guard let first = parts.first else { return false }
        let depth = parts.count
        switch TreePath(first) {
        case flat, layers: return depth <= 2
        case multiarch: return depth == 1 || depth == 3 || depth == 4
        case metadata:
            let isMultiarch = depth > 1 && TreePath(parts[1]) == multiarch
            return isMultiarch ? depth == 2 || depth == 4 || depth == 5 : depth <= 3
        default: return first == byName.bytes ? depth <= 3 : depth <= 2
        }
    }
}

/// A platform as a directory name: the architecture, and the variant unless it is the usual one.
package struct PlatformName: Hashable, Sendable, CustomStringConvertible {
    package let description: String

    /// `nil` for a platform that is not Linux, or whose words cannot be directory names.
    package init?(_ platform: Platform) {
        guard platform.os == "linux" || platform.os.isEmpty else { return nil }
        let architecture = Self.canonical[platform.architecture] ?? platform.architecture
        let usual = Self.usualVariants[architecture]
        var text = architecture
        if let variant = platform.variant, !variant.isEmpty, variant != usual { text += ":" + variant }
        guard Self.isSafe(architecture), Self.isSafe(text) else { return nil }
        // A link stands at an alias, so no directory can: the platform is the one that the link names.
        description = Self.aliases.first { $0.name == text }?.target ?? text
    }

    /// Links beside the platform directories, by the names that other tools use.
    package static let aliases: [(name: String, target: String)] = [
        ("x86_64", "amd64"), ("x86-64", "amd64"), ("aarch64", "arm64"), ("arm64:v8", "arm64"),
        ("i386", "386"),
        ("armhf", "arm"), ("arm:v7", "arm"), ("armel", "arm:v6"),
    ]

    private static let canonical = ["x86_64": "amd64", "x86-64": "amd64", "aarch64": "arm64", "i386": "386"]
    private static let usualVariants = ["arm64": "v8", "arm": "v7", "amd64": "v1"]

    private static func isSafe(_ text: String) -> Bool {
        // A leading dot is reserved: `.cvmfscatalog` is the name of a catalog's marker.
        !text.isEmpty && text.utf8.count <= 64 && !text.hasPrefix(".") && text != "unknown"
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"):
                    true
                default: "._-:".utf8.contains(byte)
                }
            }
    }
}
