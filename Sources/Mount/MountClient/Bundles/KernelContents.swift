// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import FUSEWire

/// What the kernel keeps of a mount's files, and is used without a request.
struct KernelContents: Sendable {
    let state: MountState
    let device: FUSEDevice

    /// Lets the kernel forget the content of all files; what is open or running stays.
    func drop() {
        let reply = ReplyBuffer(payloadCapacity: 1024)
        state.nodes.forEachSlice { nodes in
            for located in nodes where !located.record.isDirectory {
                reply.begin(.nodeChanged(located.id))
                // An error means that the kernel holds nothing of it.
                _ = reply.withMessage { device.send($0) }
            }
        }
    }
}
