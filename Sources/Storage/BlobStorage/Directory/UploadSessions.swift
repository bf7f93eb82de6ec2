// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

/// Which uploads are in use, and the open ones that wait for their next piece.
///
/// Keeping an upload open between requests keeps its hash state; one that was forgotten is opened again and its bytes
/// are read once more at the end.
final class UploadSessions: Sendable {
    /// What is known of an upload.
    enum Slot: Sendable {
        case busy
        case idle(DirectoryUpload)
        case unknown
    }

    /// More than this many waiting uploads are closed, oldest hash state lost first, to bound the open files.
    private static let idleLimit = 256

    private let slots = Mutex<[UploadID: Slot]>([:])

    /// Returns the state before, and marks the upload as busy.
    func take(_ id: UploadID) -> Slot {
        slots.withLock { slots in
            defer { slots[id] = .busy }
            return slots[id] ?? .unknown
        }
    }

    /// Ends the use of an upload; `nil` if there is nothing to keep.
    func giveBack(_ id: UploadID, _ upload: DirectoryUpload?) {
        slots.withLock { slots in
            slots[id] = upload.flatMap { slots.count <= Self.idleLimit ? .idle($0) : nil }
        }
    }

    func forget(_ id: UploadID) {
        slots.withLock { $0[id] = nil }
    }

    func forgetIdle(_ id: UploadID) {
        slots.withLock { slots in
            if case .idle = slots[id] { slots[id] = nil }
        }
    }
}
