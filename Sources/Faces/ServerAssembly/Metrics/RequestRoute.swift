// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

/// The patterns of paths, by which requests are counted: a set that no client can make larger.
///
/// Paths below `/v2` are read from the right, as the registry itself reads them; a pattern says nothing about whether
/// what it names exists.
package enum RequestRoute: Int, CaseIterable, Sendable {
    case ping, catalog, tags, manifest, blob, uploads, upload, referrers, token
    case repository, notice, key, api, metrics, live, ready, root, other

    /// The pattern as labels and log lines show it.
    package var pattern: String {
        switch self {
        case .ping: "/v2/"
        case .catalog: "/v2/_catalog"
        case .tags: "/v2/{name}/tags/list"
        case .manifest: "/v2/{name}/manifests/{reference}"
        case .blob: "/v2/{name}/blobs/{digest}"
        case .uploads: "/v2/{name}/blobs/uploads/"
        case .upload: "/v2/{name}/blobs/uploads/{id}"
        case .referrers: "/v2/{name}/referrers/{digest}"
        case .token: "/service/token"
        case .repository: "/cvmfs/{repository}/{path}"
        case .notice: "/cvmfs/{repository}/.wharf/{path}"
        case .key: "/keys/{key}"
        case .api: "/api/{path}"
        case .metrics: "/metrics"
        case .live: "/livez"
        case .ready: "/readyz"
        case .root: "/"
        case .other: "other"
        }
    }

    /// Whether answers take long because there is nothing to answer yet.
    ///
    /// Such requests have a limit of their own, and nobody is told that they are slow.
    var isPatient: Bool { self == .notice }

    /// Reads a request's target.
    package init(target: String) {
        var target = target
        self = target.withUTF8 { Self.route(of: $0) }
    }

    private static func route(of target: UnsafeBufferPointer<UInt8>) -> RequestRoute {
        let path = target[..<(target.firstIndex(of: UInt8(ascii: "?")) ?? target.endIndex)]
        if path.starts(with: "/v2/".utf8) { return registry(path.dropFirst(4)) }
        if path.starts(with: "/cvmfs/".utf8) { return files(path.dropFirst(7)) }
        if path.starts(with: "/keys/".utf8) { return .key }
        if path.starts(with: "/api/".utf8) { return .api }
        let whole: [(StaticString, RequestRoute)] = [
            ("/", .root), ("/v2", .ping), ("/metrics", .metrics), ("/livez", .live), ("/readyz", .ready),
            ("/service/token", .token),
        ]
        return whole.first { isEqual(path, $0.0) }?.1 ?? .other
    }

    /// Below `/cvmfs`.
    private static func files(_ rest: Slice<UnsafeBufferPointer<UInt8>>) -> RequestRoute {
        let name = rest.prefix { $0 != UInt8(ascii: "/") }
        return rest[name.endIndex...].starts(with: "/.wharf/".utf8) ? .notice : .repository
    }

    private static func registry(_ rest: Slice<UnsafeBufferPointer<UInt8>>) -> RequestRoute {
        if rest.isEmpty { return .ping }
        if isEqual(rest, "_catalog") { return .catalog }
        let slash = UInt8(ascii: "/")
        guard let end = rest.lastIndex(of: slash) else { return .other }
        let (front, last) = (rest[..<end], rest[(end + 1)...])
        guard let start = front.lastIndex(of: slash) else { return .other }
        let kind = front[(start + 1)...]
        if isEqual(kind, "manifests") { return .manifest }
        if isEqual(kind, "blobs") { return isEqual(last, "uploads") ? .uploads : .blob }
        if isEqual(kind, "uploads") { return last.isEmpty ? .uploads : .upload }
        if isEqual(kind, "referrers") { return .referrers }
        if isEqual(kind, "tags"), isEqual(last, "list") { return .tags }
        return .other
    }

    private static func isEqual(_ bytes: Slice<UnsafeBufferPointer<UInt8>>, _ text: StaticString) -> Bool {
        bytes.count == text.utf8CodeUnitCount
            && bytes.elementsEqual(UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }
}
