// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import BlobStorage
package import HTTPDelivery
internal import HTTPTypes
package import Hummingbird
package import NIOPosix

/// `/keys/<repository>.pub`: master public keys, over TLS, and else for programs on this machine only.
///
/// A key that came over an open network would prove nothing, so it is not handed out there.
package struct KeyResponder: HTTPResponder {
    package typealias Context = SiteContext

    private let directory: String
    private let files: PlainFiles
    private let isSecure: Bool

    /// Serves the files `*.pub` of `directory`; calls that block run on `threads`; `isSecure` if the server speaks TLS.
    package init(directory: String, threads: NIOThreadPool, isSecure: Bool = false) {
        self.directory = directory
        self.isSecure = isSecure
        files = PlainFiles(threads: threads)
    }

    package func respond(to request: Request, context: SiteContext) async throws -> Response {
        guard request.method == .get || request.method == .head,
            isSecure || isLocal(request, context),
            let target = request.head.path.flatMap({ RequestTarget($0) }), target.segments.count == 2,
            target.segments[1].hasSuffix(".pub"),
            RepositoryDirectoryName.isValid(String(target.segments[1].dropLast(4))),
            let file = try await files.open("\(directory)/\(target.segments[1])")
        else { return Self.answerOfNothing(to: request) }
        let description = BlobDelivery.Description(
            entityTag: "\(file.modified)-\(file.size)",
            lastModified: HTTPDate.text(secondsSince1970: file.modified),
            headers: [.contentType: "application/x-pem-file", .cacheControl: "no-store"]
        )
        if request.method == .head { return BlobDelivery().head(request, description, size: file.size) }
        return await BlobDelivery().get(request, description, content: file, context: context)
    }

    /// What is answered where there is no key.
    package static func answerOfNothing(to request: Request) -> Response {
        Response(status: .notFound, headers: [.cacheControl: "no-store"])
    }

    /// Whether the request comes from this machine, and not through a proxy on it.
    private func isLocal(_ request: Request, _ context: SiteContext) -> Bool {
        let refusal = AnonymousWriteRule.refusal(
            peer: context.peerAddress,
            host: request.head.authority,
            headers: request.headers.lazy.map { ($0.name.rawName, $0.value) }
        )
        return context.isLocalSocket || refusal == nil
    }
}
