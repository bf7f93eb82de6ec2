// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import ServerAssembly

/// What a newcomer reads when the server is up: where it is, who may write, and the three commands to go on with.
struct Welcome {
    let address: ListenAddress
    /// `http` or `https`.
    let scheme: String
    let dataDirectory: String
    /// Whether there are no users yet.
    let isOpen: Bool

    private let repository = "unpacked.wharf.internal"

    private var access: String {
        isOpen
            ? "There are no users yet: every local user of this machine may push and delete."
            : "Pushing needs a login: podman login --tls-verify=false \(address)"
    }

    var text: String {
        """
        Wharf listens on \(scheme)://\(address), data in \(dataDirectory).
        \(access)

        Push an image:
          podman push --tls-verify=false IMAGE \(address)/demo/IMAGE:latest
        Mount all images:
          wharf mount \(repository) /cvmfs/\(repository) \\
            --server \(scheme)://\(address)/cvmfs/@fqrn@ --public-key \(dataDirectory)/keys/\(repository).pub
        Run one of them:
          wharf run \(address)/demo/IMAGE:latest -- sh

        """
    }
}
