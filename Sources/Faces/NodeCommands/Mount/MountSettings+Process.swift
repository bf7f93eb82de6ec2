// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CVMFSFormat
internal import ClientConfiguration
internal import MountClient

#if canImport(Glibc)
internal import Glibc
#endif

/// What the process of a mount does beside serving files.
extension MountSettings {
    /// Brings in the parameters of the stock client that are about the process.
    mutating func applyProcess(_ parameters: ParameterSet) throws(SettingProblem) {
        if let path = parameters["CVMFS_USYSLOG"], !path.isEmpty { (log, namedLogFile) = (.stream, path) }
        if let text = parameters["CVMFS_SYSLOG_FACILITY"], !text.isEmpty {
            let number = Int(text.hasPrefix("local") ? text.dropFirst(5) : Substring(text))
            guard let number, (0...7).contains(number) else {
                throw SettingProblem(.option, "CVMFS_SYSLOG_FACILITY=\(text) is none of local0 to local7")
            }
            log = .syslog(facility: 16 + number)
        }
        _ = try number("CVMFS_OOM_SCORE_ADJ", parameters)
        _ = try Self.cores(parameters["CVMFS_CPU_AFFINITY"] ?? "")
    }

    /// Brings in one of our own options if it is about the process; returns whether it was.
    mutating func applyProcessOption(_ name: String, _ value: String) throws(SettingProblem) -> Bool {
        switch name {
        case "metrics-file": metricsFile = value
        case "log":
            switch value {
            case "auto": (log, namedLogFile) = (nil, nil)
            case "journal": log = .journal
            case "syslog": log = .syslog(facility: 3)
            case _ where value.hasPrefix("/"): (log, namedLogFile) = (.stream, value)
            default:
                throw SettingProblem(
                    .option,
                    "'\(value)' is no place for a log",
                    remedy: "use log=auto, log=journal, log=syslog or log=/a/file"
                )
            }
        default: return false
        }
        return true
    }

    /// The file of the log: lines, if they go nowhere else, and what the language's runtime has to say.
    var logFile: String { namedLogFile ?? "\(cacheDirectory)/log.\(repository)" }

    /// Where lines of a mount in the background go: the journal where there is one, else a file.
    var logTarget: MountLog.Target {
        log ?? (access(JournalMessage.socket, W_OK) == 0 ? .journal : .stream)
    }

    /// Runs this process as the parameters say; what the kernel does not allow stays as it is.
    func applyToProcess() {
        if let score = parameters["CVMFS_OOM_SCORE_ADJ"], !score.isEmpty {
            let descriptor = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC)
            if descriptor >= 0 {
                _ = write(descriptor, score, score.utf8.count)
                close(descriptor)
            }
        }
        if let cores = try? Self.cores(parameters["CVMFS_CPU_AFFINITY"] ?? ""), !cores.isEmpty {
            Affinity.run(on: cores)
        }
    }

    /// Reads a list of cores such as `0,2-4`.
    static func cores(_ text: String) throws(SettingProblem) -> [Int] {
        var cores: [Int] = []
        for part in text.split(separator: ",") {
            let ends = part.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
            guard let first = ends.first ?? nil, let last = ends.last ?? nil, ends.count <= 2,
                0 <= first, first <= last, last < 1024
            else {
                throw SettingProblem(.option, "CVMFS_CPU_AFFINITY=\(text) is no list of cores")
            }
            cores += first...last
        }
        return cores
    }
}
