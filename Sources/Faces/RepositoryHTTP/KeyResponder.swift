// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import BlobStorage
package import HTTPDelivery
internal import HTTPTypes
package import Hummingbird
package import NIOPosix

/// `/keys/<repository>.pub`: master public keys, for programs on this machine only.
///
/// A key that came over an open network would prove nothing, so it is not handed out there.
package struct KeyResponder: HTTPResponder {
    package typealias Context = SiteContext

    private let directory: String
    private let files: PlainFiles

    /// Serves the files `*.pub` of `directory`; calls that block run on `threads`.
    package init(directory: String, threads: NIOThreadPool) {
        self.directory = directory
        files = PlainFiles(threads: threads)
    }

    package func respond(to request: Request, context: SiteContext) async throws -> Response {
        guard request.method == .get || request.method == .head,
            let peer = context.peerAddress, AnonymousWriteRule.isLoopbackAddress(peer),
            let target = request.head.path.flatMap({ RequestTarget($0) }), target.segments.count == 2,
            target.segments[1].hasSuffix(".pub"),
            RepositoryDirectoryName.isValid(String(target.segments[1].dropLast(4))),
            let file = try await files.open("\(directory)/\(target.segments[1])")
        else { return Response(status: .notFound, headers: [.cacheControl: "no-store"]) }
        let description = BlobDelivery.Description(
            entityTag: "\(file.modified)-\(file.size)",
            lastModified: HTTPDate.text(secondsSince1970: file.modified),
            headers: [.contentType: "application/x-pem-file", .cacheControl: "no-store"]
        )
        if request.method == .head { return BlobDelivery().head(request, description, size: file.size) }
        return await BlobDelivery().get(request, description, content: file, context: context)
    }
}
