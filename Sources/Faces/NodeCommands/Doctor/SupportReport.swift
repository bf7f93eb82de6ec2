// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CVMFSFormat
internal import ClientConfiguration

#if canImport(Glibc)
internal import Glibc
#endif

/// What somebody needs who is asked for help from afar: nothing in it is a secret.
enum SupportReport {
    /// The report about some repositories.
    static func text(for requests: [MountRequest]) -> String {
        var lines = ["", "wharf \(VersionCommand.version), kernel \(KernelName.release)", "", "Mounts"]
        lines += MountTable.fuseMounts().map { "  \($0.repository) on \($0.target)" }
        for request in requests {
            lines += ["", "Parameters of \(request.repository)"]
            guard let configuration = try? NodeConfiguration(of: request.repository) else {
                lines.append("  they cannot be read, see above")
                continue
            }
            lines += configuration.parameters.entries.sorted { $0.key < $1.key }.map { name, entry in
                "  \(name)=\(Secrets.redacted(entry.value, of: name))    # \(entry.origin)"
            }
            lines += ["", "End of the log of \(request.repository)"]
            let log = (try? request.settings())?.logFile
            lines += log.map(logEnd)?.map { "  " + Secrets.redacted($0) } ?? ["  nobody knows where it is"]
        }
        lines += ["", "Running mounts"]
        if let answers = try? RunningMount.answers(of: [], to: "internal affairs") {
            lines += answers.given.flatMap { $0.text.split(separator: "\n") }.map {
                "  " + Secrets.redacted(String($0))
            }
        }
        return lines.joined(separator: "\n")
    }

    private static func logEnd(_ path: String) -> [String] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return ["there is none"] }
        defer { close(descriptor) }
        let capacity = 8 << 10
        let size = lseek(descriptor, 0, SEEK_END)
        var buffer = [UInt8](repeating: 0, count: capacity)
        let count = pread(descriptor, &buffer, capacity, max(0, size - off_t(capacity)))
        guard count > 0 else { return [] }
        return String(decoding: buffer[..<count], as: UTF8.self).split(separator: "\n").suffix(40).map {
            String($0)
        }
    }
}

/// Keeps secrets out of what is shown.
enum Secrets {
    /// A parameter's value, or what stands for it.
    static func redacted(_ value: String, of name: String) -> String {
        let isSecret = ["TOKEN", "PASSW", "SECRET", "CREDENTIAL"].contains { name.uppercased().contains($0) }
        return isSecret && !value.isEmpty ? "(hidden)" : redacted(value)
    }

    /// A text without the user information of the addresses in it.
    static func redacted(_ text: String) -> String {
        var result = ""
        var rest = Substring(text)
        while let scheme = rest.firstRange(of: "://") {
            result += rest[..<scheme.upperBound]
            rest = rest[scheme.upperBound...]
            let authority = rest.prefix { !"/?;|, \"'\n".contains($0) }
            if let at = authority.lastIndex(of: "@") {
                result += "(hidden)@"
                rest = rest[rest.index(after: at)...]
            }
        }
        return result + rest
    }
}
