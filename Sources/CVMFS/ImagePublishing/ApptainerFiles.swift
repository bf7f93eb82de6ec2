// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import FileTree
internal import OCISpec

/// The files that apptainer expects in a root file system, added only where the image has no entry of the name.
///
/// They depend on the image's config alone and carry its date, so that two conversions of one image are equal.
struct ApptainerFiles {
    /// A small file to be added.
    struct File {
        var path: String
        var permissions: UInt16
        var content: [UInt8]
    }

    private let config: ImageConfig

    init(config: ImageConfig) { self.config = config }

    static let directories = [
        "dev", "proc", "root", "var", "var/tmp", "tmp", "etc", "sys", "home", ".singularity.d",
        ".singularity.d/libs",
        ".singularity.d/actions", ".singularity.d/env",
    ]

    static let links = [
        ("singularity", ".singularity.d/runscript"), (".run", ".singularity.d/actions/run"),
        (".exec", ".singularity.d/actions/exec"), (".test", ".singularity.d/actions/test"),
        (".shell", ".singularity.d/actions/shell"), ("environment", ".singularity.d/env/90-environment.sh"),
    ]

    var files: [File] {
        [
            File(path: "etc/hosts", permissions: 0o644, content: []),
            File(path: "etc/resolv.conf", permissions: 0o644, content: []),
            script(".singularity.d/actions/exec", Self.sourceEnvironment + "exec \"$@\"\n"),
            script(".singularity.d/actions/run", Self.sourceEnvironment + Self.call("runscript")),
            script(".singularity.d/actions/start", Self.sourceEnvironment + Self.call("startscript")),
            script(".singularity.d/actions/test", Self.sourceEnvironment + Self.call("test")),
            script(".singularity.d/actions/shell", Self.sourceEnvironment + Self.shell),
            script(".singularity.d/env/01-base.sh", ""),
            script(".singularity.d/env/10-docker2singularity.sh", environment),
            script(".singularity.d/env/90-environment.sh", "# Put settings of your own here.\n"),
            script(".singularity.d/env/95-apps.sh", ""),
            script(".singularity.d/env/99-base.sh", Self.libraryPath),
            script(".singularity.d/env/99-runtimevars.sh", Self.callersPath),
            script(".singularity.d/runscript", runScript),
            script(".singularity.d/startscript", ""),
        ]
    }

    // MARK: Scripts

    private func script(_ path: String, _ body: String) -> File {
        File(path: path, permissions: 0o755, content: Array(("#!/bin/sh\n" + body).utf8))
    }

    private static let sourceEnvironment = """
        for script in /.singularity.d/env/*.sh; do
            [ -f "$script" ] && . "$script"
        done

        """

    private static func call(_ name: String) -> String {
        """
        if [ -x /.singularity.d/\(name) ]; then
            exec /.singularity.d/\(name) "$@"
        fi
        echo "This image has no \(name)." >&2
        exit 1

        """
    }

    private static let shell = """
        for shell in "$SINGULARITY_SHELL" /bin/bash /bin/sh; do
            if [ -n "$shell" ] && [ -x "$shell" ]; then
                exec "$shell" "$@"
            fi
        done
        echo "This image has no shell." >&2
        exit 1

        """

    private static let libraryPath = """
        LD_LIBRARY_PATH="${LD_LIBRARY_PATH:+$LD_LIBRARY_PATH:}/.singularity.d/libs"
        PS1="Singularity> "
        export LD_LIBRARY_PATH PS1

        """

    /// What the caller wants in `PATH`, which the image's own would hide.
    private static let callersPath = """
        PATH="${SING_USER_DEFINED_PREPEND_PATH:+$SING_USER_DEFINED_PREPEND_PATH:}${SING_USER_DEFINED_PATH:-$PATH}"
        PATH="$PATH${SING_USER_DEFINED_APPEND_PATH:+:$SING_USER_DEFINED_APPEND_PATH}"
        unset SING_USER_DEFINED_PREPEND_PATH SING_USER_DEFINED_PATH SING_USER_DEFINED_APPEND_PATH
        export PATH

        """

    /// `PATH` is set whatever the host says; every other variable is a default, for one that is empty, too.
    private var environment: String {
        var text = ""
        for variable in config.execution.environment {
            guard let equals = variable.firstIndex(of: "=") else { continue }
            let name = variable[..<equals]
            let value = String(variable[variable.index(after: equals)...])
            // A name that no shell takes would be executed as something else.
            guard Self.isVariableName(name) else { continue }
            if name == "PATH" {
                text += "export PATH=\(Self.quoted(value))\n"
            } else {
                text += "if [ -z \"${\(name):-}\" ]; then \(name)=\(Self.quoted(value)); fi\nexport \(name)\n"
            }
        }
        return text
    }

    private var runScript: String {
        let entrypoint = config.execution.entrypoint.map(Self.quoted).joined(separator: " ")
        let command = config.execution.command.map(Self.quoted).joined(separator: " ")
        guard !entrypoint.isEmpty || !command.isEmpty else { return "exec /bin/sh \"$@\"\n" }
        guard !entrypoint.isEmpty else {
            return "if [ $# -eq 0 ]; then set -- \(command); fi\nexec \"$@\"\n"
        }
        let defaults = command.isEmpty ? "" : "if [ $# -eq 0 ]; then set -- \(command); fi\n"
        return defaults + "exec \(entrypoint) \"$@\"\n"
    }

    /// Single quotes: nothing in the text means anything to a shell.
    private static func quoted(_ text: String) -> String { "'" + text.replacing("'", with: #"'\''"#) + "'" }

    private static func isVariableName(_ name: Substring) -> Bool {
        guard let first = name.utf8.first, !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) else {
            return false
        }
        return name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
                true
            default: false
            }
        }
    }
}
