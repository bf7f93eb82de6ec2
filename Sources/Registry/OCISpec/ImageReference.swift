// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

package import Digests

/// An image as people write it: `host[:port]/name[:tag][@digest]`.
///
/// References without a host mean Docker Hub, as every container tool has it: `alpine` is
/// `docker.io/library/alpine:latest`.
/// - Source: github.com/distribution/reference, `normalize.go`.
package struct ImageReference: Hashable, Sendable, CustomStringConvertible {
    /// The registry's host and port, such as `127.0.0.1:5000`.
    package let host: String
    /// The repository within the registry.
    package let repository: RepositoryName
    /// The tag; `latest` where neither tag nor digest was written, `nil` where only a digest was.
    package let tag: TagName?
    /// The digest after `@`.
    ///
    /// Where it is given, it decides, and the tag is only a remark.
    package let digest: OCIDigest?

    /// Joins parts that are already checked.
    package init(host: String, repository: RepositoryName, tag: TagName?, digest: OCIDigest? = nil) {
        self.host = host
        self.repository = repository
        self.tag = tag
        self.digest = digest
    }

    /// Reads and normalises what a person wrote.
    ///
    /// - Throws: `invalidReference`, naming the part that is wrong.
    package init(_ text: String) throws(OCIProblem) {
        var rest = Substring(text)
        var digest: OCIDigest?
        if let at = rest.lastIndex(of: "@") {
            digest = OCIDigest(String(rest[rest.index(after: at)...]))
            guard digest != nil else { throw Self.problem(text, "the part after @ is not a digest") }
            rest = rest[..<at]
        }
        let (host, path) = Self.splitHost(rest)
        guard Self.isHost(host) else { throw Self.problem(text, "'\(host)' is not a host") }
        var name = path
        var tag: TagName?
        if let colon = path.lastIndex(of: ":") {
            tag = TagName(String(path[path.index(after: colon)...]))
            guard tag != nil else { throw Self.problem(text, "the part after the last colon is not a tag") }
            name = path[..<colon]
        }
        let isShortHubName = host == Self.hub && !name.contains("/")
        guard let repository = RepositoryName((isShortHubName ? "library/" : "") + name) else {
            throw Self.problem(
                text,
                "'\(name)' is not a repository name (lower-case letters, digits, . _ - /)"
            )
        }
        self.init(
            host: host,
            repository: repository,
            tag: tag ?? (digest == nil ? .latest : nil),
            digest: digest
        )
    }

    package var description: String {
        var text = "\(host)/\(repository)"
        if let tag { text += ":\(tag)" }
        if let digest { text += "@\(digest)" }
        return text
    }

    private static let hub = "docker.io"

    private static func splitHost(_ text: Substring) -> (host: String, path: Substring) {
        guard let slash = text.firstIndex(of: "/") else { return (hub, text) }
        let first = text[..<slash]
        let isHost = first.contains(".") || first.contains(":") || first == "localhost"
        guard isHost else { return (hub, text) }
        let host = String(first)
        return (host == "index.docker.io" ? hub : host, text[text.index(after: slash)...])
    }

    private static func isHost(_ host: String) -> Bool {
        !host.isEmpty && host.utf8.count <= 255
            && host.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"),
                    UInt8(ascii: ":"), UInt8(ascii: "["), UInt8(ascii: "]"):
                    true
                default: false
                }
            }
    }

    private static func problem(_ text: String, _ why: String) -> OCIProblem {
        OCIProblem(.invalidReference, "'\(text)' is not an image reference: \(why)")
    }
}
