// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import Problems

/// A configuration with faults, all of them.
package struct ConfigurationProblem: Problem {
    /// What is wrong, and where: `wharf.yaml, line 3: unknown key 'lisen'`.
    package let faults: [String]

    /// Names the faults, of which there must be one at least.
    package init(faults: [String]) { self.faults = faults }

    package var identifier: String { "configuration-invalid" }
    package var message: String { "the configuration is not valid: " + faults.joined(separator: "; ") }
    package var remedy: String? { "correct it, then try with --check-config" }
    package var cause: (any Error)? { nil }
}
