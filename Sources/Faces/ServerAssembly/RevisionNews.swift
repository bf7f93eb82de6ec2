// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import MetadataStore
internal import RepositoryHTTP
internal import ServiceLifecycle

/// Tells clients that wait for revisions what the database says, and sends them away before the listening side begins to
/// wait for its last requests.
struct RevisionNews: Service {
    let feed: ManifestFeed
    let signal: PublicationSignal

    func run() async throws {
        await cancelWhenGracefulShutdown { [self] in await feed.run(hearing: signal.listen()) }
    }
}
