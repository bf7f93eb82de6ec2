// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

/// Sizes as they are written in the configuration, for options of commands.
package enum SizeText {
    /// The bytes of a text such as `100MiB`; `nil` if it is none.
    package static func inBytes(_ text: String) -> Int64? { UnitText.sizeInBytes(text) }
}
