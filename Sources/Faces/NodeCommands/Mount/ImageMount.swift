// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import ContainerLaunch
internal import MountClient
internal import OCISpec

/// `wharf mount IMAGE DIR`: the root file system of an image, as a read-only mount of its own.
///
/// The tree is bound to the directory where the repository is mounted now: the tag is looked up once, and the image
/// stays in place when the tag moves, and also when the repository's own mount point is unmounted.
struct ImageMount {
    /// An image reference, or the path of a tree.
    let image: String
    /// Look in this mounted repository only.
    let repository: String?
    /// The words of `-o`.
    let words: [String]

    /// Whether a first argument of `mount` is an image: repositories have no slash in their names.
    static func isImage(_ argument: String) -> Bool { argument.contains("/") }

    /// Mounts.
    ///
    /// - Throws: `LaunchProblem` with every place that was tried, `SettingProblem`, `MountProblem`.
    func mount(on mountpoint: String) throws {
        let allowsSetUserID = try allowsSetUserID()
        let root = try ImageSearch.find(image, repository: repository).root
        try TreeMount.bind(root, at: try MountPoint.resolve(mountpoint), allowsSetUserID: allowsSetUserID)
    }

    private func allowsSetUserID() throws(SettingProblem) -> Bool {
        var allows = false
        for word in words {
            switch word {
            case "suid", "suid=on": allows = true
            case "nosuid", "suid=off": allows = false
            default:
                guard MountSettings.wordsOfEveryMount.contains(word) else {
                    throw SettingProblem(
                        .option,
                        "the option '\(word)' means nothing for an image",
                        remedy: "give it where the repository is mounted; an image takes suid alone"
                    )
                }
            }
        }
        return allows
    }
}

/// Finds images in what is mounted on this machine.
enum ImageSearch {
    /// Finds an image by its reference, or a tree by its path.
    ///
    /// - Throws: `badReference`; `notFound` with every place that was tried.
    static func find(_ image: String, repository: String?) throws(LaunchProblem) -> ImageLocator.Image {
        if image.hasPrefix("/") || image.hasPrefix("./") { return try ImageLocator.tree(at: image) }
        let reference: ImageReference
        do throws(OCIProblem) { reference = try ImageReference(image) } catch {
            throw LaunchProblem(.badReference, "'\(image)' is no image", cause: error)
        }
        let mounts = MountTable.fuseMounts().filter {
            repository == nil || $0.repository == repository
        }
        return try ImageLocator(mounts: mounts.map(\.target)).find(reference)
    }
}
