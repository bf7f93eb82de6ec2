// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CVMFSFormat
internal import ClientConfiguration
internal import MountClient

#if canImport(Glibc)
internal import Glibc
#endif

/// Looks at everything that one repository needs, in the order in which one thing depends on another.
struct Examination {
    private let request: MountRequest

    init(_ request: MountRequest) { self.request = request }

    /// What was found.
    func findings() -> [Finding] {
        let settings: MountSettings
        var findings: [Finding]
        do {
            settings = try request.settings()
            findings = configuration(settings)
        } catch {
            let mounts = MountChecks.all(request.repository.name)
            guard request.words.isEmpty, error.code == .noServer || error.code == .noKey,
                mounts.contains(where: { $0.verdict == .fine }),
                MountTable.fuseMounts().contains(where: { $0.repository == request.repository.name })
            else { return [.wrong(.configuration, Secrets.redacted(Finding.text(error)), error.remedy)] }
            let text = "mounted with options of its own; name them to look at servers and keys, too"
            return [.doubtful(.configuration, text)] + mounts
        }
        let network = NetworkChecks(
            servers: settings.servers,
            proxies: settings.proxies,
            isPrivate: settings.network.tokenFile != nil
        ).all()
        findings += network
        if network.contains(where: { $0.verdict == .wrong && $0.subject != .clock }) {
            findings += [.keys, .whitelist, .manifest].map { .skipped($0, "no server can be asked") }
        } else {
            findings += TrustChecks(request, settings).all()
        }
        findings += DiskChecks.all(settings.cacheDirectory, limitInBytes: settings.cacheLimitInBytes)
        return findings + MountChecks.all(request.repository.name)
    }

    private func configuration(_ settings: MountSettings) -> [Finding] {
        let warnings = settings.warnings.map { Finding.doubtful(.configuration, $0) }
        let text = "\(request.repository): \(settings.parameters.entries.count) parameters"
        return [.fine(.configuration, text)] + warnings
    }
}

/// Mounts that there are already.
enum MountChecks {
    /// Looks whether the mounts of a repository answer.
    static func all(_ repository: String) -> [Finding] {
        let mounts = MountTable.fuseMounts().filter { $0.repository == repository }
        guard !mounts.isEmpty else { return [.fine(.mount, "not mounted")] }
        return mounts.map { mount in
            do {
                let running = RunningMount(repository: mount.repository, mountpoint: mount.target)
                let revision = try running.ask("revision", patience: 10)
                return .fine(.mount, "\(mount.target) answers, revision \(revision.prefix { !$0.isNewline })")
            } catch {
                return .wrong(
                    .mount,
                    "\(mount.target): \(error)",
                    "wharf umount --lazy \(mount.target), and mount it again"
                )
            }
        }
    }
}
