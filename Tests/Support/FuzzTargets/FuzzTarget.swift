// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import AccessControl
internal import Digests
internal import HTTPDelivery
internal import OCISpec
internal import RegistryHTTP

/// The parsers of the registry's protocol, of what the publisher reads and of what the kernel asks a mount, each with what must be true of whatever it accepts.
///
/// `Fuzzing/run.sh` feeds them with noise; ordinary tests replay what was found worth keeping.
package enum FuzzTarget: String, CaseIterable, Sendable {
    case names, digests, ranges, uploads, pages, targets, json, manifests, scopes, credentials
    case archives, streams, layers, catalogs, rules, events, letters, requests
    case proxies, proxyFiles, bundles, configurations, indexes, programs

    /// What a parser must not do, beside crashing.
    package struct Finding: Error, CustomStringConvertible {
        package let description: String
    }

    /// Feeds the parser.
    ///
    /// - Throws: `Finding` if it accepted what it must not, or changed it.
    package func run(_ bytes: [UInt8]) throws(Finding) {
        switch self {
        case .json: Self.json(bytes)
        case .manifests: try Self.manifests(bytes)
        case .archives: try Self.archives(bytes)
        case .streams: try Self.streams(bytes)
        case .layers: try Self.layers(bytes)
        case .catalogs: try Self.catalogs(bytes)
        case .events: try Self.events(bytes)
        case .letters: try Self.letters(bytes)
        case .requests: try Self.requests(bytes)
        case .proxyFiles: try Self.proxyFiles(bytes)
        case .bundles: try Self.bundles(bytes)
        case .indexes: try Self.indexes(bytes)
        case .programs: try Self.programs(bytes)
        default:
            // Headers and paths are texts by the time these parsers see them.
            let text = String(decoding: bytes, as: UTF8.self)
            switch self {
            case .names: try Self.names(text)
            case .digests: try Self.digests(text)
            case .ranges: try Self.ranges(text)
            case .uploads: try Self.uploads(text)
            case .pages: try Self.pages(text)
            case .scopes: try Self.scopes(text)
            case .credentials: try Self.credentials(text)
            case .rules: try Self.rules(text)
            case .proxies: try Self.proxies(text)
            case .configurations: try Self.configurations(text)
            default: try Self.targets(text)
            }
        }
    }

    static func check(_ condition: Bool, _ what: String) throws(Finding) {
        guard condition else { throw Finding(description: what) }
    }

    private static func names(_ text: String) throws(Finding) {
        if let name = RepositoryName(text) {
            try check(name.description == text, "a repository's name changed")
            try check(
                text.utf8.count <= 255 && !text.contains(".."),
                "a repository's name breaks the grammar"
            )
            try check(!text.hasPrefix("/") && !text.hasSuffix("/"), "a repository's name is a path")
        }
        if let tag = TagName(text) {
            try check(tag.description == text && text.utf8.count <= 128, "a tag changed")
            try check(!text.contains("/") && !text.hasPrefix("."), "a tag is a path")
        }
        if let reference = try? Reference(text) {
            try check(reference.description == text, "a reference changed")
        }
        if let image = try? ImageReference(text) {
            let again = try? ImageReference(image.description)
            try check(again == image, "an image reference does not survive its own description")
        }
    }

    private static func digests(_ text: String) throws(Finding) {
        guard let digest = OCIDigest(text) else { return }
        try check(digest.description == text, "a digest changed")
        try check(digest.bytes.count == digest.algorithm.byteCount, "a digest has another length")
    }

    private static func ranges(_ text: String) throws(Finding) {
        guard let ranges = ByteRangeSet(header: text) else { return }
        try check((1...ByteRangeSet.limit).contains(ranges.ranges.count), "a set has no range, or too many")
        for size in [0, 1, 2_048, Int64.max] {
            switch ranges.resolved(size: size) {
            case .unsatisfiable, .whole: break
            case .one(let range): try check(!range.isEmpty && isWithin(range, size), "a range lies outside")
            case .several(let ranges):
                try check(ranges.count > 1, "one range is several")
                for range in ranges {
                    try check(!range.isEmpty && isWithin(range, size), "a range lies outside")
                }
                let total = ranges.reduce(Int64(0)) { $0 + Int64($1.count) }
                try check(total <= size, "ranges are more than everything")
            }
        }
    }

    private static func isWithin(_ range: Range<Int64>, _ size: Int64) -> Bool {
        range.lowerBound >= 0 && range.upperBound <= size
    }

    private static func uploads(_ text: String) throws(Finding) {
        guard let range = UploadRange(header: text) else { return }
        try check(range.start >= 0 && range.count > 0, "a piece is empty or lies before the start")
        try check(
            !range.start.addingReportingOverflow(range.count).overflow,
            "a piece ends beyond all numbers"
        )
    }

    private static func pages(_ text: String) throws(Finding) {
        let parts = text.split(separator: "\n", maxSplits: 1, omittingEmptySubsequences: false).map(
            String.init
        )
        let last = parts.count > 1 ? parts[1] : nil
        guard let page = try? PageRequest(n: parts[0], last: last) else { return }
        try check((0...PageRequest.maximum).contains(page.limit), "a page has another size")
        let link = page.nextLink(path: "/x", last: last ?? "")
        let target = link.dropFirst().prefix { $0 != ">" }
        try check(
            RequestTarget(String(target))?.parameter("last") == last ?? "",
            "a link does not lead to where the page has ended"
        )
    }

    private static func scopes(_ text: String) throws(Finding) {
        let scopes = TokenScope.list([text], limit: 8)
        try check(scopes.count <= 8, "there are more scopes than the limit")
        for scope in scopes {
            try check(TokenScope(scope.description)?.subject == scope.subject, "a scope changed")
            guard case .repository(let name) = scope.subject else { continue }
            try check(ProjectName(ProjectName(of: name).description) != nil, "a project has no name")
        }
        if let project = ProjectName(text) {
            try check(!text.contains("/") && project.description == text, "a project's name changed")
        }
        if let reference = PrincipalReference(text) {
            try check(PrincipalReference(reference.description) == reference, "a principal changed")
        }
        if let permission = Permission(text) {
            try check(permission.description == text, "a permission changed")
        }
        if let realm = RobotGrant.Realm(text) { try check(realm.description == text, "a realm changed") }
    }

    private static func credentials(_ text: String) throws(Finding) {
        if case .basic(let name, _) = RequestCredentials(header: text) {
            try check(!name.contains(":"), "a name holds what ends it")
        }
        guard let form = RequestTarget(form: text) else { return }
        try check(form.segments.isEmpty, "a form has a path")
        _ = TokenScope.list(form.parameters("scope"))
    }

    private static func targets(_ text: String) throws(Finding) {
        _ = EntityTag.list(text, names: "sha256:0")
        if let decoded = PercentEncoding.decode(text) {
            try check(
                PercentEncoding.decode(PercentEncoding.encode(decoded)) == decoded,
                "encoding does not undo decoding"
            )
        }
        guard let target = RequestTarget(text) else { return }
        _ = target.parameter("n")
        guard let route = try? RegistryRoute(segments: target.segments.dropFirst()) else { return }
        switch route {
        case .ping, .catalog: break
        case .tags(let name), .uploads(let name), .upload(let name, _), .blob(let name, _),
            .manifest(let name, _), .referrers(let name, _):
            try check(RepositoryName(name.description) == name, "a route has a repository that is none")
        }
    }

    private static func json(_ bytes: [UInt8]) {
        _ = try? JSONValue(parsing: bytes)
        _ = try? ImageConfig(parsing: bytes)
    }

    private static func manifests(_ bytes: [UInt8]) throws(Finding) {
        for type in [nil, MediaType.ociManifest, MediaType.ociIndex, MediaType.ociArtifact] {
            guard let manifest = try? Manifest(parsing: bytes, declaredType: type) else { continue }
            try check(!manifest.mediaType.isEmpty, "a manifest has no type")
            if let type { try check(manifest.mediaType == type, "a manifest has another type than declared") }
        }
    }
}
