// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CVMFSFormat
internal import CVMFSReader
internal import FoundationEssentials
internal import ObjectCache
internal import Problems

#if canImport(Glibc)
internal import Glibc
#endif

/// Whether what the servers deliver is what the repository's operator signed.
struct TrustChecks {
    private let settings: MountSettings
    private let service: MountService

    init(_ request: MountRequest, _ settings: MountSettings) {
        self.settings = settings
        service = MountService(request, settings, at: "")
    }

    /// Follows the chain from the keys to the manifest.
    func all() -> [Finding] {
        do {
            _ = try service.keys()
        } catch {
            return [
                .wrong(.keys, Finding.text(error), remedy(of: error) ?? "install the repository's public key")
            ]
                + [.whitelist, .manifest].map { .skipped($0, "there is no key to verify it with") }
        }
        do {
            let scratch = try Scratch()
            defer { scratch.remove() }
            let cache = try ObjectCache(
                directory: scratch.path,
                limitInBytes: 1 << 30,
                now: { Int64(time(nil)) },
                report: { _ in }
            )
            let source = try MountNetwork(settings, { _ in }).source
            let reader = try service.reader(source, external: nil, cache, memory: nil)
            guard let head = try reader.head() else {
                return [.wrong(.manifest, "the server did not send the manifest", nil)]
            }
            return [keys(), whitelist(head.manifest.whitelistExpiry), manifest(head.manifest.manifest)]
        } catch {
            return broken(error)
        }
    }

    private func keys() -> Finding { .fine(.keys, settings.publicKeys.joined(separator: ", ")) }

    private func whitelist(_ expiry: CalendarTime) -> Finding {
        let days = (expiry.unixSeconds - Int64(time(nil))) / 86400
        guard days >= 3 else {
            return .doubtful(
                .whitelist,
                "expires at \(expiry.iso8601), in \(days) days",
                "the repository's operator has to sign it anew"
            )
        }
        return .fine(.whitelist, "signed, valid until \(expiry.iso8601)")
    }

    private func manifest(_ manifest: PublishedManifest) -> Finding {
        .fine(.manifest, "signed, revision \(manifest.revision)")
    }

    /// The findings for a chain that broke: everything before the broken link held.
    private func broken(_ error: any Error) -> [Finding] {
        let problem = error as? ReaderProblem
        let text = Finding.text(error)
        switch problem?.code {
        case .wrongKey:
            return [
                .wrong(.keys, text, problem?.remedy), .skipped(.whitelist, "it is signed by another key"),
                .skipped(.manifest, "it cannot be verified"),
            ]
        case .expiredWhitelist:
            return [
                keys(), .wrong(.whitelist, text, problem?.remedy),
                .skipped(.manifest, "it cannot be verified"),
            ]
        case .malformed, .badSignature, .untrustedCertificate, .nameMismatch, .corrupt, .olderRevision:
            return [
                keys(),
                .wrong(
                    .manifest,
                    text,
                    "ask the repository's operator; if a proxy is in between, look whether it delivers old or foreign files"
                ),
            ]
        default:
            return [
                keys(), .skipped(.whitelist, "it cannot be fetched"),
                .wrong(
                    .manifest,
                    text,
                    remedy(of: error) ?? "mend what stands above; else look at the server"
                ),
            ]
        }
    }

    private func remedy(of error: any Error) -> String? { (error as? any Problem)?.remedy }
}

/// A directory that ends with the program.
struct Scratch {
    let path: String

    /// Makes one that nobody else can have prepared.
    init() throws(SystemCallProblem) {
        var template = Array("/tmp/wharf-doctor-XXXXXX".utf8CString)
        guard let made = mkdtemp(&template) else { throw SystemCallProblem("make a directory in", "/tmp") }
        path = String(cString: made)
    }

    /// Removes it with what is in it; what cannot be removed stays in /tmp, which is swept.
    func remove() { try? FileManager.default.removeItem(atPath: path) }
}
