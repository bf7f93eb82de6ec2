// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import Foundation

/// The program's two outlets, unbuffered, so that whoever waits for a line gets it at once.
enum StandardStream {
    /// For what was asked for.
    case output
    /// For what went wrong.
    case error

    /// Writes a text as it is.
    ///
    /// A reader that went away is no reason to stop the server.
    func write(_ text: String) {
        let handle = self == .output ? FileHandle.standardOutput : FileHandle.standardError
        try? handle.write(contentsOf: Data(text.utf8))
    }
}
