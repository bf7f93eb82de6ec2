// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CVMFSFormat
internal import CVMFSReader
internal import FoundationEssentials
internal import ObjectCache

#if canImport(Glibc)
internal import Glibc
#endif

/// How a mount is doing, at one moment.
struct MountStatus: Encodable {
    let repository: String
    let mountpoint: String
    let version: String
    let pid: Int32
    let revision: UInt64
    let rootHash: String
    let server: String
    let proxy: String
    let isOnline: Bool
    let trackedFiles: Int
    let catalogs: Int
    let cacheDirectory: String
    let cacheUsedBytes: Int64
    let cacheLimitBytes: Int64
    let residentBytes: Int64
    let requests: UInt64
    let fetches: UInt64
    let hitRatePercent: Double
    let ioErrors: UInt64
    let receivedBytes: UInt64
    let receivedObjects: UInt64
    let openDescriptors: Int
    let uptimeSeconds: Int64

    init(_ state: MountState, _ plan: ControlPlan, target: String) {
        let shown = state.shown
        let transfers = state.reader.source.status
        repository = state.reader.repository.name
        mountpoint = target
        version = plan.version
        pid = getpid()
        revision = shown.revision
        rootHash = "\(shown.rootHash)"
        server = transfers.server ?? state.reader.source.label
        proxy = transfers.proxy ?? "DIRECT"
        isOnline = state.isOnline && !transfers.isOffline
        trackedFiles = state.nodes.count
        catalogs = state.nodes.shownCatalogs().count
        cacheDirectory = state.cache.directory
        cacheUsedBytes = state.cache.totalSize
        cacheLimitBytes = state.cache.limitInBytes
        residentBytes = Self.residentBytes()
        let (counts, received) = (state.counters.sum, state.reader.objects.meter.sum)
        requests = counts.requests
        fetches = counts.fetches
        hitRatePercent = (counts.hitRate * 100).rounded() / 100
        ioErrors = counts.failures
        receivedBytes = received.bytes
        receivedObjects = received.objects
        openDescriptors = ProcessFiles.count
        uptimeSeconds = (ContinuousClock.now - state.started).components.seconds
    }

    /// One JSON object.
    var json: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Every field is a text or a number, so that nothing here can fail.
        return (try? encoder.encode(self)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
    }

    /// One line for each value, for people.
    var lines: String { values.map { "\($0.name): \($0.value)" }.joined(separator: "\n") }

    /// The numbers in the text form of Prometheus.
    ///
    /// - Source: Prometheus, exposition formats, "Text-based format".
    var metrics: String {
        let labels = "{repository=\"\(repository)\",mountpoint=\"\(Self.escaped(mountpoint))\"}"
        return numbers.map {
            "# HELP wharf_client_\($0.name) \($0.help)\n# TYPE wharf_client_\($0.name) \($0.name.hasSuffix("_total") ? "counter" : "gauge")\nwharf_client_\($0.name)\(labels) \($0.value)\n"
        }
        .joined()
    }

    private var values: [(name: String, value: String)] {
        [
            ("repository", repository), ("mountpoint", mountpoint), ("version", version), ("pid", "\(pid)"),
            ("revision", "\(revision)"), ("root hash", rootHash), ("server", server), ("proxy", proxy),
            ("online", isOnline ? "yes" : "no"), ("files tracked", "\(trackedFiles)"),
            ("catalogs in use", "\(catalogs)"), ("cache", cacheDirectory),
            ("cache used", "\(cacheUsedBytes) bytes"), ("cache limit", "\(cacheLimitBytes) bytes"),
            ("resident memory", "\(residentBytes) bytes"), ("up for", "\(uptimeSeconds) s"),
            ("requests", "\(requests)"), ("of which waited for the network", "\(fetches)"),
            ("answered without the network", "\(hitRatePercent) %"), ("input/output errors", "\(ioErrors)"),
            ("received", "\(receivedObjects) objects, \(receivedBytes) bytes"),
            ("open descriptors", "\(openDescriptors)"),
        ]
    }

    /// Names that end in `_total` only grow; the others go up and down.
    private var numbers: [(name: String, value: String, help: String)] {
        [
            ("revision", "\(revision)", "Revision that is shown."),
            ("online", isOnline ? "1" : "0", "Whether the last question to the servers was answered."),
            ("tracked_files", "\(trackedFiles)", "Files that the kernel remembers."),
            ("catalogs", "\(catalogs)", "Catalogs that these files are in."),
            ("cache_used_bytes", "\(cacheUsedBytes)", "Plain bytes in the cache of the node."),
            ("cache_limit_bytes", "\(cacheLimitBytes)", "Bytes that the cache may hold."),
            ("resident_bytes", "\(residentBytes)", "Memory of the client."),
            ("uptime_seconds", "\(uptimeSeconds)", "Time since the mount was made."),
            ("requests_total", "\(requests)", "Requests of the kernel that were answered."),
            ("fetches_total", "\(fetches)", "Requests that had to wait for the network."),
            ("io_errors_total", "\(ioErrors)", "Requests that were answered with an input/output error."),
            ("received_bytes_total", "\(receivedBytes)", "Bytes of objects that came over the network."),
            ("received_objects_total", "\(receivedObjects)", "Objects that came over the network."),
            ("open_descriptors", "\(openDescriptors)", "Descriptors that the client has open."),
        ]
    }

    private static func escaped(_ text: String) -> String {
        text.reduce(into: "") { result, character in
            switch character {
            case "\\", "\"": result += "\\\(character)"
            case "\n": result += "\\n"
            default: result.append(character)
            }
        }
    }

    /// - Source: proc(5), `/proc/pid/statm`: the second number counts resident pages.
    private static func residentBytes() -> Int64 {
        let descriptor = open("/proc/self/statm", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return 0 }
        defer { close(descriptor) }
        var buffer = [UInt8](repeating: 0, count: 256)
        let count = read(descriptor, &buffer, buffer.count)
        guard count > 0 else { return 0 }
        let fields = String(decoding: buffer[..<count], as: UTF8.self).split(separator: " ")
        return fields.count > 1 ? (Int64(fields[1]) ?? 0) * Int64(sysconf(Int32(_SC_PAGESIZE))) : 0
    }
}
