// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

/// How the program was called.
enum Invocation {
    /// The words after the program's name; under the name `mount.wharf` those of `wharf mount`, as mount(8) and autofs
    /// call their helpers: `mount.wharf SOURCE DIR [-sfnv] [-N ns] [-o options]`.
    static func words(of arguments: [String]) -> [String] {
        let words = Array(arguments.dropFirst())
        guard arguments.first?.split(separator: "/").last == "mount.wharf" else { return words }
        var translated = ["mount"]
        var skipsNext = false
        for word in words {
            if skipsNext {
                skipsNext = false
            } else if word == "-N" || word == "-t" {
                skipsNext = true
            } else if !isHelperFlag(word) {
                translated.append(word)
            }
        }
        return translated
    }

    /// Flags that mount(8) passes on and that mean nothing here: sloppy, fake, no mtab, verbose.
    private static func isHelperFlag(_ word: String) -> Bool {
        word.hasPrefix("-") && word.count > 1 && word.dropFirst().allSatisfy { "sfnv".contains($0) }
    }
}
