// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import MountClient
internal import OCISpec

#if canImport(Glibc)
internal import Glibc
#endif

/// Runs a command in a container whose root is an image's tree under a writable layer that is thrown away.
package struct ContainerLauncher {
    private let scratch: String

    /// Keeps the containers' directories below `scratch`, which must not lie on an overlay.
    package init(scratch: String) { self.scratch = scratch }

    /// Runs a container to its end.
    ///
    /// - Returns: the command's status.
    /// - Throws: `LaunchProblem`, whose `exitStatus` tells how far it came.
    package func run(_ image: ImageLocator.Image, _ request: ContainerRequest) throws(LaunchProblem) -> Int32
    {
        guard geteuid() == 0 else {
            throw LaunchProblem(
                .setUp,
                "wharf run needs root",
                remedy: "use sudo, or podman run --rootfs \(image.root):O"
            )
        }
        let runtime = try ContainerRuntime.find()
        let user = try ContainerUser(image.config.execution.user ?? "", in: image.root)
        do throws(MountProblem) { try PrivateMounts.enter() } catch {
            throw LaunchProblem(.setUp, "cannot make a mount namespace", cause: error)
        }
        let name = "wharf-\(getpid())-\(UInt32.random(in: 0...UInt32.max))"
        let bundle = try ContainerBundle(below: scratch, name: name)
        defer { bundle.remove() }
        try bundle.mountRoot(over: image.root)
        let builder = SpecificationBuilder(
            config: image.config,
            request: request,
            user: user,
            hostname: "wharf"
        )
        try bundle.write(try builder.specification(root: bundle.rootDirectory))
        return try runtime.run(bundle, name: name)
    }
}
