// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import FoundationEssentials
internal import MountClient
internal import Problems

#if canImport(Glibc)
internal import Glibc
#endif

/// The directory of one container: its specification, its root, and what it writes.
///
/// ```
/// <directory>/config.json   the specification
/// <directory>/rootfs        an overlay: the image's tree below, `upper` above
/// <directory>/upper, work   what the container writes, thrown away with the directory
/// <directory>/runtime.log   what the runtime has to say
/// ```
struct ContainerBundle {
    let directory: String
    var rootDirectory: String { directory + "/rootfs" }
    var log: String { directory + "/runtime.log" }

    /// Makes the directories below `place`.
    init(below place: String, name: String) throws(LaunchProblem) {
        directory = place + "/" + name
        var path = ""
        for part in place.split(separator: "/") {
            path += "/" + part
            guard mkdir(path, 0o755) == 0 || errno == EEXIST else { throw Self.failure("mkdir", path) }
        }
        for path in [directory, rootDirectory, directory + "/upper", directory + "/work"] {
            guard mkdir(path, 0o700) == 0 else { throw Self.failure("mkdir", path) }
        }
        // The upper directory's mode is what the container sees of its root.
        guard chmod(directory + "/upper", 0o755) == 0 else { throw Self.failure("chmod", directory) }
    }

    /// Mounts the overlay.
    ///
    /// The caller is in a mount namespace of its own.
    func mountRoot(over tree: String) throws(LaunchProblem) {
        do throws(MountProblem) {
            try Overlay.mount(
                lower: tree,
                upper: directory + "/upper",
                work: directory + "/work",
                at: rootDirectory
            )
        } catch {
            throw LaunchProblem(.setUp, "cannot put a writable layer over \(tree)", cause: error)
        }
    }

    /// Writes the specification.
    func write(_ specification: RuntimeSpecification) throws(LaunchProblem) {
        let encoder = JSONEncoder()
        guard let content = try? encoder.encode(specification) else {
            throw LaunchProblem(.setUp, "the container's specification cannot be written")
        }
        let path = directory + "/config.json"
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Self.failure("open", path) }
        defer { close(descriptor) }
        let bytes = Array(content)
        guard Glibc.write(descriptor, bytes, bytes.count) == bytes.count else {
            throw Self.failure("write", path)
        }
    }

    /// Unmounts the overlay and removes everything.
    ///
    /// What cannot be removed stays, with a line that says so.
    func remove() {
        // Detached even if something still uses it; without a mount there is nothing to do.
        try? Unmount.unmount(rootDirectory, isLazy: true)
        do { try FileManager.default.removeItem(atPath: directory) } catch {
            let line = Array("wharf: cannot remove \(directory): \(error)\n".utf8)
            _ = Glibc.write(STDERR_FILENO, line, line.count)
        }
    }

    private static func failure(_ call: String, _ path: String) -> LaunchProblem {
        LaunchProblem(.setUp, "cannot set the container up", cause: SystemCallProblem(call, path))
    }
}
